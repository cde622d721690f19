#include "tests/support/read_video.h"

#include <array>
#include <memory>
#include <stdexcept>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

namespace divla {
namespace {

struct Free {
  void operator()(AVFormatContext* format) const { avformat_close_input(&format); }
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};

Image ToImage(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  const std::unique_ptr<SwsContext, Free> scaler(
      sws_getContext(frame.width, frame.height, format, frame.width, frame.height, AV_PIX_FMT_RGB24,
                     SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr, nullptr, nullptr));
  const int* colours = sws_getCoefficients(frame.colorspace);  // as the file says
  sws_setColorspaceDetails(scaler.get(), colours, frame.color_range == AVCOL_RANGE_JPEG ? 1 : 0, colours, 1, 0, 1 << 16,
                           1 << 16);
  Image image{frame.height, frame.width, {}};
  image.rgb.resize(image.ByteCount());
  const std::array<std::uint8_t*, 1> rows{image.rgb.data()};
  const std::array<int, 1> strides{image.width * 3};
  sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, rows.data(), strides.data());
  return image;
}

}  // namespace

ReadVideo DecodeVideo(const std::filesystem::path& path) {
  const auto require = [&path](bool good, const char* what) {
    if (!good) throw std::runtime_error("video " + path.string() + ": " + what);
  };
  AVFormatContext* opened = nullptr;
  require(avformat_open_input(&opened, path.c_str(), nullptr, nullptr) == 0, "cannot be opened");
  const std::unique_ptr<AVFormatContext, Free> format(opened);
  require(avformat_find_stream_info(opened, nullptr) >= 0 && format->nb_streams == 1, "expected one stream");
  const AVStream& stream = *format->streams[0];
  const AVCodec* decoder = avcodec_find_decoder(stream.codecpar->codec_id);
  require(decoder != nullptr, "no decoder");
  const std::unique_ptr<AVCodecContext, Free> codec(avcodec_alloc_context3(decoder));
  require(avcodec_parameters_to_context(codec.get(), stream.codecpar) >= 0 &&
              avcodec_open2(codec.get(), decoder, nullptr) == 0,
          "the decoder cannot be opened");
  ReadVideo video;
  video.codec = decoder->name;
  video.pixel_format = av_get_pix_fmt_name(codec->pix_fmt);
  video.seconds = static_cast<double>(format->duration) / AV_TIME_BASE;
  video.fps = av_q2d(stream.avg_frame_rate);
  const std::unique_ptr<AVPacket, Free> packet(av_packet_alloc());
  const std::unique_ptr<AVFrame, Free> frame(av_frame_alloc());
  const auto receive = [&] {
    while (avcodec_receive_frame(codec.get(), frame.get()) == 0) video.pictures.push_back(ToImage(*frame));
  };
  while (av_read_frame(format.get(), packet.get()) >= 0) {
    require(avcodec_send_packet(codec.get(), packet.get()) == 0, "a picture cannot be decoded");
    av_packet_unref(packet.get());
    receive();
  }
  require(avcodec_send_packet(codec.get(), nullptr) == 0, "the end cannot be decoded");
  receive();
  return video;
}

}  // namespace divla
