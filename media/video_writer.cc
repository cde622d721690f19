#include "media/video_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr int kLeastSize = 16, kMostSize = 4096, kMostFps = 120;
constexpr int kKeyPictureSeconds = 2;  // a player jumps to these only

[[noreturn]] void Fail(const fs::path& path, const char* what, const std::string& reason) {
  throw MachineError(fmt::format("video {}: cannot {}: {}", path.string(), what, reason));
}

// FFmpeg's functions answer with a negative number when they fail.
int Require(int result, const fs::path& path, const char* what) {
  if (result >= 0) return result;
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(result, text.data(), text.size());
  Fail(path, what, text.data());
}

template <typename T>
T* Made(T* pointer, const fs::path& path) {
  if (pointer == nullptr) Fail(path, "be encoded", "not enough memory");
  return pointer;
}

struct FreeContext {
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
  void operator()(AVFormatContext* format) const {
    avio_closep(&format->pb);
    avformat_free_context(format);
  }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeContext>;

// Gives the finished file its name, durably.
void Publish(const fs::path& temporary, const fs::path& path) {
  const int file = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) Fail(path, "be made durable", std::strerror(errno));
  const int synced = ::fsync(file);
  const int error = errno;
  ::close(file);
  if (synced != 0) Fail(path, "be made durable", std::strerror(error));
  if (::rename(temporary.c_str(), path.c_str()) != 0) Fail(path, "be renamed into place", std::strerror(errno));
  // The new name too. Some file systems refuse to sync folders; the pictures themselves are already safe then.
  const fs::path parent = path.parent_path();
  const int folder = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

}  // namespace

class VideoWriter::Encoder {
 public:
  Encoder(const fs::path& path, const fs::path& temporary, int width, int height, int fps, int key_pictures)
      : path_(path) {
    av_log_set_level(AV_LOG_QUIET);  // what went wrong is in our exceptions
    OpenCodec(width, height, fps, key_pictures);
    OpenFile(temporary);
    packet_.reset(Made(av_packet_alloc(), path_));
    frame_.reset(Made(av_frame_alloc(), path_));
    frame_->format = codec_->pix_fmt;
    frame_->width = width;
    frame_->height = height;
    Require(av_frame_get_buffer(frame_.get(), 0), path_, "be encoded");
    // Exact rounding, so that the bytes do not depend on the processor's vector instructions.
    scaler_.reset(Made(
        sws_getContext(width, height, AV_PIX_FMT_RGB24, width, height, codec_->pix_fmt,
                       SWS_BICUBIC | SWS_FULL_CHR_H_INP | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr, nullptr, nullptr),
        path_));
    const int* colours = sws_getCoefficients(SWS_CS_ITU709);
    Require(sws_setColorspaceDetails(scaler_.get(), colours, 1, colours, 0, 0, 1 << 16, 1 << 16), path_, "be encoded");
  }

  void Add(const Image& picture, int index) {
    Require(av_frame_make_writable(frame_.get()), path_, "be encoded");
    const std::array<const std::uint8_t*, 1> rows{picture.rgb.data()};
    const std::array<int, 1> strides{picture.width * 3};
    sws_scale(scaler_.get(), rows.data(), strides.data(), 0, picture.height, frame_->data, frame_->linesize);
    frame_->pts = index;
    Require(avcodec_send_frame(codec_.get(), frame_.get()), path_, "be encoded");
    WritePackets();
  }

  std::int64_t Bytes() const { return avio_tell(format_->pb); }

  void Finish() {
    Require(avcodec_send_frame(codec_.get(), nullptr), path_, "be encoded");
    WritePackets();
    Require(av_write_trailer(format_.get()), path_, "be written");
    // A disk that fills up may show only when the last bytes leave the buffer.
    const int pending = format_->pb->error;
    const int closed = avio_closep(&format_->pb);
    Require(pending < 0 ? pending : closed, path_, "be written");
  }

 private:
  void OpenCodec(int width, int height, int fps, int key_pictures) {
    const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
    if (codec == nullptr) Fail(path_, "be encoded", "this machine's FFmpeg (libavcodec) was built without libx264");
    codec_.reset(Made(avcodec_alloc_context3(codec), path_));
    codec_->width = width;
    codec_->height = height;
    codec_->time_base = {1, fps};
    codec_->framerate = {fps, 1};
    codec_->pix_fmt = AV_PIX_FMT_YUV420P;
    codec_->color_range = AVCOL_RANGE_MPEG;
    codec_->colorspace = AVCOL_SPC_BT709;
    codec_->color_primaries = AVCOL_PRI_BT709;
    codec_->color_trc = AVCOL_TRC_IEC61966_2_1;  // what we draw is sRGB
    codec_->gop_size = key_pictures > 0 ? key_pictures : fps * kKeyPictureSeconds;
    // Pictures that need a later one would need the next key picture too.
    if (key_pictures > 0) codec_->max_b_frames = 0;
    codec_->thread_count = 1;  // the number of threads decides about bytes
    codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    // Small pictures with text: good quality costs little here. 20 is where x264's errors are hard to see.
    Require(av_opt_set(codec_->priv_data, "preset", "fast", 0), path_, "be encoded");
    Require(av_opt_set(codec_->priv_data, "crf", "20", 0), path_, "be encoded");
    // libx264's macroblock tree (version 164, its AVX code) gives other bytes from one video to the next of the same
    // process, for the same pictures: found with 80 videos of 160x98, which were of 7 kinds with it and of one without.
    Require(av_opt_set(codec_->priv_data, "mbtree", "0", 0), path_, "be encoded");
    Require(avcodec_open2(codec_.get(), codec, nullptr), path_, "be encoded");
  }

  void OpenFile(const fs::path& temporary) {
    AVFormatContext* format = nullptr;
    Require(avformat_alloc_output_context2(&format, nullptr, "mp4", temporary.c_str()), path_, "be written");
    format_.reset(format);
    format_->flags |= AVFMT_FLAG_BITEXACT;
    stream_ = Made(avformat_new_stream(format_.get(), nullptr), path_);
    stream_->time_base = codec_->time_base;
    stream_->avg_frame_rate = codec_->framerate;
    Require(avcodec_parameters_from_context(stream_->codecpar, codec_.get()), path_, "be written");
    Require(avio_open(&format_->pb, temporary.c_str(), AVIO_FLAG_WRITE), path_, "be created");
    AVDictionary* options = nullptr;
    av_dict_set(&options, "movflags", "+faststart", 0);  // a browser starts before it has read all
    const int result = avformat_write_header(format_.get(), &options);
    av_dict_free(&options);
    Require(result, path_, "be written");
  }

  void WritePackets() {
    for (;;) {
      const int result = avcodec_receive_packet(codec_.get(), packet_.get());
      if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return;
      Require(result, path_, "be encoded");
      packet_->stream_index = stream_->index;
      packet_->duration = 1;
      av_packet_rescale_ts(packet_.get(), codec_->time_base, stream_->time_base);
      Require(av_interleaved_write_frame(format_.get(), packet_.get()), path_, "be written");
    }
  }

  const fs::path path_;
  Owned<AVCodecContext> codec_;
  Owned<AVFormatContext> format_;
  AVStream* stream_{};  // of format_
  Owned<AVPacket> packet_;
  Owned<AVFrame> frame_;
  Owned<SwsContext> scaler_;
};

VideoWriter::VideoWriter(fs::path path, int width, int height, int fps, int key_pictures)
    : path_(std::move(path)), temporary_(path_.string() + ".tmp") {
  const auto good = [](int size) { return size >= kLeastSize && size <= kMostSize && size % 2 == 0; };
  DIVLA_CHECK(good(width) && good(height), "an even size of 16 to 4096");
  DIVLA_CHECK(key_pictures >= 0, "a distance of key pictures");
  DIVLA_CHECK(fps >= 1 && fps <= kMostFps, "1 to 120 pictures a second");
  width_ = width;
  height_ = height;
  try {
    encoder_ = std::make_unique<Encoder>(path_, temporary_, width, height, fps, key_pictures);
  } catch (...) {
    ::unlink(temporary_.c_str());
    throw;
  }
}

VideoWriter::~VideoWriter() {
  if (!encoder_) return;
  encoder_.reset();
  ::unlink(temporary_.c_str());
}

void VideoWriter::Add(const Image& picture) {
  DIVLA_CHECK(encoder_ != nullptr, "no picture after Close");
  DIVLA_CHECK(picture.width == width_ && picture.height == height_, "pictures of the video's size");
  DIVLA_CHECK(picture.rgb.size() == picture.ByteCount(), "a whole picture");
  encoder_->Add(picture, pictures_);
  ++pictures_;
}

int VideoWriter::Pictures() const { return pictures_; }

std::int64_t VideoWriter::Bytes() const {
  DIVLA_CHECK(encoder_ != nullptr, "an open video");
  return encoder_->Bytes();
}

void VideoWriter::Close() {
  DIVLA_CHECK(encoder_ != nullptr && pictures_ > 0, "closed once, with at least one picture");
  encoder_->Finish();
  Publish(temporary_, path_);
  encoder_.reset();
}

}  // namespace divla
