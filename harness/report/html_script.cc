#include "harness/report/html_parts.h"

namespace divla::html {

std::string_view Script() {
  // Cards are made from the data block when they are about to be seen, a handful at a time, so that a page of thousands
  // of episodes opens at once. Text of the run only ever becomes textContent, never HTML.
  return R"js(
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const kBatch = 24, kTextsShown = 4;
const kEverything = {outcome: '', task: '', axis: '', level: '', failure: '', words: '', text: ''};
const state = {...kEverything};
const form = document.getElementById('filters');
const gallery = document.getElementById('gallery');
const more = document.getElementById('more');
let shown = data.episodes;  // those that fit the filter
let drawn = 0;              // of these, how many have a card

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}
function add(parent, ...children) {
  parent.append(...children.filter(child => child));
  return parent;
}
// A span of texts: [first step, last step, queries, correct, text, right text if wrong, place error if any].
function span(row) {
  return {first: row[0], last: row[1], queries: row[2], correct: row[3] === 1, said: data.texts[row[4]],
          truth: typeof row[5] === 'number' ? data.texts[row[5]] : '', error: Number(row[6])};
}
function outcome(episode) {
  return episode.ok ? 'success' : episode.failure === 'none' ? 'failed' : episode.failure.replaceAll('_', ' ');
}
function textItem(at, tag) {
  const item = make(tag, at.correct ? 'right' : 'wrong');
  item.append(make('span', 'at', at.first === at.last ? String(at.first) : at.first + '–' + at.last));
  item.append(at.said ? make('span', 'said', at.said) : make('em', 'said', 'no text'));
  if (at.truth) item.append(make('span', 'truth', at.truth));
  if (at.error > data.within) item.append(make('span', 'place', 'place off by ' + at.error + ' of the picture\u2019s width'));
  return item;
}
// One mark a query, from left to right as the episode went.
function strip(spans) {
  const bar = make('div', 'strip');
  bar.setAttribute('aria-hidden', 'true');
  for (const at of spans) {
    for (let query = 0; query < at.queries; ++query) bar.append(make('i', at.correct ? 'right' : 'wrong'));
  }
  return bar;
}
function film(episode, spans) {
  const row = make('div', 'film');
  if (episode.frames.length > 2) row.classList.add('long');
  for (const [step, source] of episode.frames) {
    const figure = make('figure');
    const picture = make('img');
    picture.width = 320;
    picture.height = 240;
    picture.decoding = 'async';
    picture.loading = 'lazy';
    picture.alt = 'step ' + step + ' of ' + episode.key;
    picture.src = source;
    const caption = make('figcaption', '', step === 0 ? 'start' : 'step ' + step);
    const at = spans.find(one => step >= one.first && step <= one.last) || spans[spans.length - 1];
    add(figure, picture, caption);
    if (at) {
      const said = make('p', at.correct ? 'under right' : 'under wrong', (at.correct ? '✓ ' : '✗ ') + (at.said || 'no text'));
      figure.append(said);
    }
    row.append(figure);
  }
  if (episode.frames.length === 0) row.append(make('p', 'none', 'no picture kept'));
  return row;
}
// Beside the page, never inside it; read when somebody presses play.
function player(episode) {
  const video = make('video', 'video');
  video.controls = true;
  video.preload = 'none';
  video.src = episode.video;
  return video;
}
function textList(spans) {
  const list = make('ol', 'texts');
  for (const at of spans.slice(0, kTextsShown)) list.append(textItem(at, 'li'));
  if (spans.length <= kTextsShown) return [list];
  const rest = make('ol', 'texts');
  for (const at of spans.slice(kTextsShown)) rest.append(textItem(at, 'li'));
  const fold = make('details');
  add(fold, make('summary', '', (spans.length - kTextsShown) + ' more'), rest);
  return [list, fold];
}
// Null for what is no text: a stray %, or a folder whose name is not UTF-8.
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
// The run folder as a shell reads it: named by the report, or where this page lies.
function runFolder() {
  const here = location.protocol === 'file:' ? decoded(location.pathname) : null;
  const path = data.run || (here === null ? 'RUN' : here.replace(/[/][^/]*$/, ''));
  return /^[-A-Za-z0-9_.,:=@%+/]+$/.test(path) ? path : "'" + path.replaceAll("'", "'\\''") + "'";
}
const folder = runFolder();
function details(episode) {
  const list = make('dl');
  const row = (name, value) => list.append(add(make('div'), make('dt', '', name), make('dd', '', value)));
  const yes = value => value ? 'yes' : 'no';
  row('seed', String(episode.seed));
  row('success', 'end ' + yes(episode.ways[0]) + ', once ' + yes(episode.ways[1]) + ', held ' + yes(episode.ways[2]));
  row('ended by', episode.end.replaceAll('_', ' '));
  if (episode.texts[1]) row('first wrong', episode.texts[2] < 0 ? 'none' : 'step ' + episode.texts[2]);
  if (episode.change !== undefined) row('changed', data.texts[episode.change]);
  if (episode.control !== undefined) row('control', data.texts[episode.control]);
  ['scene', 'initial state', 'frames', 'actions', 'states'].forEach((name, i) => row(name, episode.hash[i]));
  row('replay', './divla verify ' + folder + ' --episode ' + episode.key);
  row('watch', './divla view --replay ' + folder + ':' + episode.key);
  return add(make('details'), make('summary', '', 'details and replay'), list);
}
function card(episode) {
  const article = make('article');
  article.id = episode.key;
  const link = make('a', '', episode.key);
  link.href = '#' + encodeURIComponent(episode.key);
  const colour = episode.ok ? 'ok' : data.colours[episode.failure];
  article.append(add(make('div', 'head'), make('span', 'badge ' + colour, outcome(episode)), link));
  const spans = episode.spans.map(span);
  article.append(film(episode, spans), ...(episode.video ? [player(episode)] : []), make('p', 'instruction', data.texts[episode.say]));
  const measures = make('p', 'measures');
  const measure = text => measures.append(make('span', '', text));
  measure(episode.steps + ' steps');
  measure(episode.seconds + ' s');
  measure('progress ' + episode.progress);
  if (episode.objects[1] > 1) measure(episode.objects[0] + ' of ' + episode.objects[1] + ' objects');
  if (episode.texts[1]) measure(episode.texts[0] + '/' + episode.texts[1] + ' texts correct');
  if (episode.places) measure(episode.places[0] + '/' + episode.places[1] + ' places right');
  article.append(measures);
  if (spans.length) add(article, strip(spans), ...textList(spans));
  article.append(details(episode));
  return article;
}
function draw(count) {
  const cards = document.createDocumentFragment();
  for (const end = Math.min(shown.length, drawn + count); drawn < end; ++drawn) cards.append(card(shown[drawn]));
  gallery.append(cards);
  more.hidden = drawn >= shown.length;
}
function searchable(episode) {
  if (episode.search === undefined) {
    const said = new Set([episode.key, data.texts[episode.say], ...episode.spans.map(row => data.texts[row[4]])]);
    episode.search = [...said].join('\n').toLowerCase();
  }
  return episode.search;
}
// As the bars count them (Summarize): right when more than half of the texts are.
function wordsOf(episode) {
  const [correct, queries] = episode.texts;
  return queries === 0 ? 'none' : 2 * correct > queries ? 'right' : 'wrong';
}
function fits(episode) {
  return (!state.outcome || (state.outcome === 'success') === (episode.ok === 1)) &&
      (!state.failure || (!episode.ok && episode.failure === state.failure)) &&
      (!state.axis || (state.axis === 'perturbed' ? episode.axis !== 'none' : episode.axis === state.axis)) &&
      ['task', 'level'].every(name => !state[name] || String(episode[name]) === state[name]) &&
      (!state.words || wordsOf(episode) === state.words) &&
      (!state.text || searchable(episode).includes(state.text));
}
function apply() {
  shown = data.episodes.filter(fits);
  drawn = 0;
  gallery.replaceChildren();
  draw(kBatch);
  for (const chip of form.querySelectorAll('button')) {
    const name = Object.keys(chip.dataset)[0];
    chip.setAttribute('aria-pressed', String(state[name] === chip.dataset[name]));
  }
  for (const menu of form.querySelectorAll('select')) menu.value = state[menu.dataset.name];
  document.getElementById('shown').textContent = shown.length + ' of ' + data.episodes.length + ' episodes';
}
// This filter and nothing else.
function choose(filter) {
  Object.assign(state, kEverything, filter);
  form.querySelector('input').value = '';
  apply();
}
form.addEventListener('submit', event => event.preventDefault());
form.addEventListener('input', event => {
  if (event.target.type === 'search') state.text = event.target.value.trim().toLowerCase();
  if (event.target.dataset.name) state[event.target.dataset.name] = event.target.value;
  apply();
});
form.addEventListener('click', event => {
  const chip = event.target.closest('button');
  if (!chip) return;
  const name = Object.keys(chip.dataset)[0];
  state[name] = chip.dataset[name];
  if (name === 'outcome' && state.outcome === 'success') state.failure = '';
  if (name === 'failure' && state.failure) state.outcome = '';
  apply();
});
for (const segment of document.querySelectorAll('.stack button')) {
  segment.addEventListener('click', () => {
    choose(segment.dataset);
    document.getElementById('episodes').scrollIntoView();
  });
}
more.addEventListener('click', () => draw(kBatch));
new IntersectionObserver(entries => {
  if (entries.some(entry => entry.isIntersecting)) draw(kBatch);
}, {rootMargin: '600px'}).observe(more);
// A link to one episode must find its card, wherever in the run it is.
function show() {
  const key = decoded(location.hash.slice(1));
  const episode = data.episodes.find(episode => episode.key === key);
  if (!episode) return;
  if (!shown.includes(episode)) choose({});
  const at = shown.indexOf(episode);
  if (at >= drawn) draw(at + 1 - drawn);
  document.getElementById(key).scrollIntoView();
}
addEventListener('hashchange', show);
addEventListener('beforeprint', () => {
  for (const fold of document.querySelectorAll('section:not(.episodes) details')) fold.open = true;
});
const zoom = document.getElementById('zoom');
document.addEventListener('click', event => {
  if (event.target.matches('.film img')) {
    zoom.querySelector('img').src = event.target.src;
    zoom.querySelector('p').textContent = event.target.alt;
    zoom.showModal();
  } else if (zoom.contains(event.target)) {
    zoom.close();
  }
});
apply();
show();
)js";
}

}  // namespace divla::html
