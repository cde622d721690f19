#include "media/video_reader.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <new>
#include <string>
#include <utility>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr int kMostSize = 16'384;  // pixels

[[noreturn]] void Fail(const fs::path& path, const std::string& found) {
  throw InputError(fmt::format("video {}: expected a video that can be decoded, found {}", path.string(), found));
}

int Require(int result, const fs::path& path) {
  if (result >= 0) return result;
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(result, text.data(), text.size());
  Fail(path, text.data());
}

struct Free {
  void operator()(AVFormatContext* format) const { avformat_close_input(&format); }
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

}  // namespace

class VideoReader::Decoder {
 public:
  explicit Decoder(const fs::path& path) : path_(path) {
    av_log_set_level(AV_LOG_QUIET);  // what went wrong is in our exceptions
    if (!fs::is_regular_file(path)) Fail(path, "no file");
    AVFormatContext* opened = nullptr;
    Require(avformat_open_input(&opened, path.c_str(), nullptr, nullptr), path_);
    format_.reset(opened);
    Require(avformat_find_stream_info(opened, nullptr), path_);
    const AVCodec* codec = nullptr;
    stream_ = Require(av_find_best_stream(opened, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0), path_);
    codec_.reset(avcodec_alloc_context3(codec));
    packet_.reset(av_packet_alloc());
    frame_.reset(av_frame_alloc());
    if (!codec_ || !packet_ || !frame_) throw std::bad_alloc();
    Require(avcodec_parameters_to_context(codec_.get(), format_->streams[stream_]->codecpar), path_);
    Require(avcodec_open2(codec_.get(), codec, nullptr), path_);
  }

  // Decodes the next picture; false at the end.
  bool Next() {
    for (;;) {
      const int result = avcodec_receive_frame(codec_.get(), frame_.get());
      if (result == 0) return true;
      if (result == AVERROR_EOF) return false;
      if (result != AVERROR(EAGAIN)) Require(result, path_);
      if (!Feed()) Require(avcodec_send_packet(codec_.get(), nullptr), path_);
    }
  }

  // Of the present picture, s.
  double Time() const {
    if (frame_->best_effort_timestamp == AV_NOPTS_VALUE) Fail(path_, "a picture without a time");
    return static_cast<double>(frame_->best_effort_timestamp) * av_q2d(format_->streams[stream_]->time_base);
  }

  Image Picture() {
    const AVFrame& frame = *frame_;
    if (frame.width < 1 || frame.height < 1 || frame.width > kMostSize || frame.height > kMostSize) {
      Fail(path_, fmt::format("pictures of {}x{} pixels", frame.width, frame.height));
    }
    scaler_.reset(sws_getCachedContext(
        scaler_.release(), frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), frame.width,
        frame.height, AV_PIX_FMT_RGB24, SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr,
        nullptr, nullptr));
    if (!scaler_) Fail(path_, "colours that cannot be converted");
    const int* colours = sws_getCoefficients(frame.colorspace);  // as the file says
    sws_setColorspaceDetails(scaler_.get(), colours, frame.color_range == AVCOL_RANGE_JPEG ? 1 : 0,
                             sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    Image image{frame.height, frame.width, {}};
    image.rgb.resize(image.ByteCount());
    const std::array<std::uint8_t*, 1> rows{image.rgb.data()};
    const std::array<int, 1> strides{image.width * 3};
    sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, rows.data(), strides.data());
    return image;
  }

 private:
  // Sends one packet of our stream; false at the end of the file.
  bool Feed() {
    for (;;) {
      const int result = av_read_frame(format_.get(), packet_.get());
      if (result == AVERROR_EOF) return false;
      Require(result, path_);
      const bool ours = packet_->stream_index == stream_;
      const int sent = ours ? avcodec_send_packet(codec_.get(), packet_.get()) : 0;
      av_packet_unref(packet_.get());
      Require(sent, path_);
      if (ours) return true;
    }
  }

  const fs::path path_;
  Owned<AVFormatContext> format_;
  int stream_{};
  Owned<AVCodecContext> codec_;
  Owned<AVPacket> packet_;
  Owned<AVFrame> frame_;
  Owned<SwsContext> scaler_;
};

VideoReader::VideoReader(fs::path path) : path_(std::move(path)), decoder_(std::make_unique<Decoder>(path_)) {
  if (!decoder_->Next()) Fail(path_, "none of its pictures");
}

VideoReader::~VideoReader() = default;

Image VideoReader::At(double seconds, double tolerance) {
  DIVLA_CHECK(tolerance > 0, "a tolerance");
  if (!decoder_ || decoder_->Time() >= seconds + tolerance) {
    decoder_ = std::make_unique<Decoder>(path_);
    if (!decoder_->Next()) Fail(path_, "none of its pictures");
  }
  while (decoder_->Time() <= seconds - tolerance) {
    if (decoder_->Next()) continue;
    decoder_.reset();  // from the beginning the next time
    Fail(path_, fmt::format("its end before {:.3f} s", seconds));
  }
  if (decoder_->Time() >= seconds + tolerance) {
    Fail(path_, fmt::format("no picture at {:.3f} s, the next one at {:.3f} s", seconds, decoder_->Time()));
  }
  return decoder_->Picture();
}

}  // namespace divla
