"""One part of lerobot.sh: lerobot_check.py frames|language|statistics|files DATASET. Exits 1 at the first thing that is wrong."""
import glob
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pyarrow.parquet as pq
import torch

CAMERAS = "observation.images."
QUANTILES = {"q01", "q10", "q50", "q90", "q99"}


def require(good, *what):
    if not good:
        print(*what)
        sys.exit(1)


def import_lerobot():
    """torchvision's own kernels do not load beside another build of torch. LeRobot's data needs none of them, but
    torchvision wants two of their names to exist."""
    library = torch.library.Library("torchvision", "DEF")
    try:
        for name in ("nms", "qnms"):
            library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass  # they did load
    import lerobot.datasets.lerobot_dataset

    return library, lerobot


def open_dataset(root):
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    return LeRobotDataset("local/" + root.name, root=root, video_backend="pyav")


def table(root):
    files = sorted(glob.glob(str(root / "data/*/*.parquet")))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def frames(root):
    info = json.loads((root / "meta/info.json").read_text())
    data, rows = open_dataset(root), table(root)
    require(len(data) == info["total_frames"] == len(rows), len(data), info["total_frames"], len(rows))
    require(data.num_episodes == info["total_episodes"], data.num_episodes)
    start = 0
    for i in range(len(data)):
        item, row = data[i], rows[i]
        episode = data.meta.episodes[int(item["episode_index"])]
        if int(item["frame_index"]) == 0:
            start = i
        require(int(item["index"]) == i and int(item["frame_index"]) == i - start, "index", i)
        require(episode["dataset_from_index"] == start and i < episode["dataset_to_index"], "episode", i)
        require(abs(float(item["timestamp"]) - (i - start) / info["fps"]) < 1e-6, "timestamp", i)
        require(item["task"] in episode["tasks"], "task", i, item["task"])
        require(bool(item["next.done"]) == (i + 1 == episode["dataset_to_index"]), "next.done", i)
        for key, feature in info["features"].items():
            if feature["dtype"] in ("video", "image"):
                height, width, colours = feature["shape"]
                picture = item[key]
                require(tuple(picture.shape) == (colours, height, width), key, picture.shape)
                require(0 <= float(picture.min()) and float(picture.max()) <= 1 and float(picture.std()) > 0.01, key, i)
            elif feature["dtype"] == "float32" and feature["shape"] != [1]:
                require(torch.equal(item[key], torch.tensor(row[key], dtype=torch.float32)), key, i)
                require(len(feature["names"]) == len(row[key]), key, "names")
    require(data.meta.robot_type == info["robot_type"], "robot")
    # As a policy is trained: chunks of actions beside pictures.
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    chunks = LeRobotDataset("local/" + root.name, root=root, video_backend="pyav",
                            delta_timestamps={"action": [k / info["fps"] for k in range(8)]})
    batch = next(iter(torch.utils.data.DataLoader(
        chunks, batch_size=4, shuffle=False,
        collate_fn=lambda items: {key: torch.stack([item[key] for item in items]) for key in ("action", "observation.state")})))
    require(batch["action"].shape[:2] == (4, 8), batch["action"].shape)
    print("figure", root.name, len(data), "frames of", data.num_episodes, "episodes")


def language(root):
    from lerobot.datasets import language as columns
    from lerobot.datasets.language_render import active_at

    info = json.loads((root / "meta/info.json").read_text())
    if columns.LANGUAGE_PERSISTENT not in info["features"]:
        return
    schema = pq.read_schema(sorted(glob.glob(str(root / "data/*/*.parquet")))[0])
    for name, expected in ((columns.LANGUAGE_PERSISTENT, columns.language_persistent_arrow_type()),
                           (columns.LANGUAGE_EVENTS, columns.language_events_arrow_type())):
        require(schema.field(name).type.equals(expected), name, schema.field(name).type, expected)
    data, texts, words, places = open_dataset(root), set(), 0, 0
    for i, row in enumerate(table(root)):
        item = data[i]
        persistent, events = item[columns.LANGUAGE_PERSISTENT], item[columns.LANGUAGE_EVENTS]
        for entry in persistent + events:
            columns.validate_camera_field(entry["style"], entry["camera"])
        for entry in persistent:
            require(columns.column_for_style(entry["style"]) == columns.LANGUAGE_PERSISTENT, entry)
        for entry in events:
            require(columns.column_for_style(entry["style"]) == columns.LANGUAGE_EVENTS, entry)
            require(entry["camera"] is None or entry["camera"] in info["features"], entry)
            words += entry["style"] == "interjection"
            places += entry["style"] == "vqa" and entry["role"] == "assistant"
        active = active_at(float(item["timestamp"]), persistent=persistent, style="subtask")
        if "divla.labels" in row:
            require(active is not None, "no reasoning at", i)
            labels = json.loads(row["divla.labels"])
            require(active["content"] == labels["reasoning"], i, active, labels["reasoning"])
            answers = {(json.loads(e["content"])["label"], e["camera"].removeprefix(CAMERAS)): json.loads(e["content"])["point"]
                       for e in events if e["style"] == "vqa" and e["role"] == "assistant"}
            for label in ("object", "destination"):
                for camera, pixel in labels[label + "_pixels"].items():
                    require(answers.get((label, camera)) == pixel, i, label, camera, pixel, answers)
        if active is not None:
            texts.add(active["content"])
    require(texts and places, "no reasoning, or no places")
    print("figure", root.name, len(texts), "different texts,", places, "places,", words, "changes of words")


def close(key, name, ours, theirs, width, tolerance):
    ours, theirs = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    require(ours.shape == theirs.shape, key, name, ours.shape, theirs.shape)
    # A quantile is right to a bin of the histogram, 1/5000 of the range.
    limit = np.maximum(width / 5000 * 1.01 if name in QUANTILES else 0, tolerance * np.maximum(1, np.abs(theirs)))
    require(np.all(np.abs(ours - theirs) <= limit), key, name, ours, theirs)


def statistics(root):
    from PIL import Image
    from lerobot.datasets.compute_stats import aggregate_stats, get_feature_stats, sample_images

    info = json.loads((root / "meta/info.json").read_text())
    features = {key: dict(feature, shape=tuple(feature["shape"])) for key, feature in info["features"].items()}
    data, rows = open_dataset(root), table(root)
    stored = pq.read_table(root / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    numbers = [key for key, f in features.items() if f["dtype"] in ("float32", "int64", "bool")]
    cameras = [key for key, f in features.items() if f["dtype"] in ("image", "video")]
    lossy = {key for key in cameras if features[key]["dtype"] == "video"}
    every = []
    for episode in stored:
        begin, end = episode["dataset_from_index"], episode["dataset_to_index"]
        content = {key: np.array([row[key] for row in rows[begin:end]],
                                 dtype=np.float64) for key in numbers}
        with tempfile.TemporaryDirectory() as folder:
            for key in cameras:
                content[key] = []
                for i in range(begin, end):
                    picture = (data[i][key] * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
                    path = pathlib.Path(folder, "%s-%d.png" % (key, i))
                    Image.fromarray(picture).save(path)
                    content[key].append(str(path))
            # As compute_episode_stats does, but in double precision: its sums in float32 over a million pixels are wrong
            # by up to half a percent.
            theirs = {key: get_feature_stats(content[key], axis=0, keepdims=content[key].ndim == 1) for key in numbers}
            for key in cameras:
                found = get_feature_stats(sample_images(content[key]).astype(np.float64), axis=(0, 2, 3), keepdims=True)
                theirs[key] = {k: v if k == "count" else np.squeeze(v / 255.0, axis=0) for k, v in found.items()}
        every.append(theirs)
        for key, values in theirs.items():
            for name, value in values.items():
                width = np.asarray(values["max"], dtype=np.float64) - np.asarray(values["min"], dtype=np.float64)
                compare(key, name, episode["stats/%s/%s" % (key, name)], value, width, key in lossy)
    ours = json.loads((root / "meta/stats.json").read_text())
    theirs = aggregate_stats(every)
    require(set(ours) == set(theirs), set(ours) ^ set(theirs))
    for key, values in theirs.items():
        require(set(ours[key]) == set(values), key, set(ours[key]) ^ set(values))
        width = np.asarray(values["max"], dtype=np.float64) - np.asarray(values["min"], dtype=np.float64)
        for name, value in values.items():
            compare(key, name, ours[key][name], value, width, key in lossy)
    print("figure", root.name, len(theirs), "features,", len(stored), "episodes")


def compare(key, name, ours, theirs, width, lossy):
    if name == "count":
        require(np.array_equal(ours, theirs), key, name, ours, theirs)
    elif lossy:
        # Ours are of the pictures before they were encoded, with colours at full resolution. That moves means little, and
        # quantiles a lot where the distribution has a gap (half table, half shadow): of PNG every one is compared.
        if name in ("mean", "std"):
            close(key, name, ours, theirs, width, 0.02)
    else:
        # LeRobot's deviation is the root of a difference of two means of squares.
        close(key, name, ours, theirs, width, 1e-6 if name == "std" else 1e-9)


def files(root):
    info = json.loads((root / "meta/info.json").read_text())
    fps = info["fps"]
    episodes = pq.read_table(root / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    counts = {file: pq.read_metadata(file).num_rows for file in sorted(glob.glob(str(root / "data/*/*.parquet")))}
    require(sum(counts.values()) == info["total_frames"] == sum(e["length"] for e in episodes), counts)
    tasks = pq.read_table(root / "meta/tasks.parquet").to_pandas()
    require(tasks.index.name == "task" and list(tasks["task_index"]) == list(range(info["total_tasks"])), tasks)
    for key, feature in info["features"].items():
        if feature["dtype"] != "video":
            continue
        for path in sorted(root.glob("videos/%s/*/*.mp4" % key)):
            probe = json.loads(subprocess.run(
                ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0", "-show_streams", "-show_frames",
                 "-show_entries", "stream=codec_name,pix_fmt,width,height,r_frame_rate,nb_read_frames,duration:frame=pts_time",
                 "-of", "json", str(path)], check=True, capture_output=True).stdout)
            stream = probe["streams"][0]
            chunk, file = int(path.parent.name[6:]), int(path.stem[5:])
            own = [e for e in episodes if e["videos/%s/chunk_index" % key] == chunk and e["videos/%s/file_index" % key] == file]
            total = sum(e["length"] for e in own)
            require(int(stream["nb_read_frames"]) == total, path, stream)
            require(stream["r_frame_rate"] == "%d/1" % fps and abs(float(stream["duration"]) - total / fps) < 1e-3, stream)
            require([stream["height"], stream["width"]] == feature["shape"][:2], stream)
            require(stream["codec_name"] == feature["info"]["video.codec"] and
                    stream["pix_fmt"] == feature["info"]["video.pix_fmt"], stream)
            times = [float(frame["pts_time"]) for frame in probe["frames"]]
            require(all(abs(t - i / fps) < 1e-4 for i, t in enumerate(times)), path, times[:5])
            first = 0
            for episode in own:
                begin, end = (episode["videos/%s/%s_timestamp" % (key, side)] for side in ("from", "to"))
                require(math.isclose(begin, first / fps, abs_tol=1e-9), begin, first)
                first += episode["length"]
                require(math.isclose(end, first / fps, abs_tol=1e-9), end, first)


if __name__ == "__main__":
    kept = import_lerobot()
    {"frames": frames, "language": language, "statistics": statistics, "files": files}[sys.argv[1]](
        pathlib.Path(sys.argv[2]).resolve())
