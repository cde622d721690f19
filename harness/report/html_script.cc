#include "harness/report/html_parts.h"

namespace divla::html {

std::string_view Script() {
  // One filter state; a chip or a segment of a bar writes its data attributes into it. It only shows and hides: the
  // page is complete without it, and text of the run is never put back as HTML.
  return R"js(
'use strict';
const state = {outcome: '', cell: '', failure: '', text: ''};
const form = document.getElementById('filters');
const cards = [...document.querySelectorAll('article')];
const words = new Map(cards.map(card => [card, card.textContent.toLowerCase()]));
function apply() {
  let shown = 0;
  for (const card of cards) {
    const fits = ['outcome', 'cell', 'failure'].every(name => !state[name] || card.dataset[name] === state[name]) &&
        (!state.text || words.get(card).includes(state.text));
    card.hidden = !fits;
    if (fits) ++shown;
  }
  for (const chip of form.querySelectorAll('button')) {
    const name = Object.keys(chip.dataset)[0];
    chip.setAttribute('aria-pressed', String(state[name] === chip.dataset[name]));
  }
  document.getElementById('shown').textContent = shown + ' of ' + cards.length + ' episodes';
}
form.addEventListener('submit', event => event.preventDefault());
form.addEventListener('input', event => {
  state.text = event.target.value.trim().toLowerCase();
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
    Object.assign(state, {outcome: '', cell: '', failure: ''}, segment.dataset);
    apply();
    document.getElementById('episodes').scrollIntoView();
  });
}
const zoom = document.getElementById('zoom');
document.addEventListener('click', event => {
  if (event.target.matches('figure img')) {
    zoom.querySelector('img').src = event.target.src;
    zoom.querySelector('p').textContent = event.target.alt;
    zoom.showModal();
  } else if (zoom.contains(event.target)) {
    zoom.close();
  }
});
)js";
}

}  // namespace divla::html
