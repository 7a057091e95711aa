// One client connection: a state machine on its reactor thread. Reads a head through the gate, asks the
// application, reads the body, waits for the answer, writes it with back-pressure, and begins again with what
// is in the buffer already. Owned by the loop; other threads reach it by Loop::post() with its id only.
// Everything here: [reactor thread] unless said.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "host/http/channel.hpp"
#include "host/http/chunked.hpp"
#include "host/http/gate.hpp"
#include "host/http/job.hpp"
#include "host/http/loop.hpp"
#include "host/http/response_head.hpp"
#include "host/http/source_pump.hpp"
#include "host/http/upload.hpp"

namespace postern::http {

class Connection {
 public:
  struct Origin {
    std::string address;  // of the peer in text, "unix" for unix sockets
    bool secure = false;
  };

  Connection(Loop& loop, std::uint64_t id, int descriptor, std::unique_ptr<Channel> channel, Origin origin);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int descriptor() const { return descriptor_; }
  /// The socket has news; `hangup`: the peer closed one or both directions.
  void event(bool hangup);
  /// Goes as far as it can without waiting.
  void run();
  /// Looks at the time-outs; called a few times a second.
  void tick();
  /// No new request: closes now if nothing is under way, else after the answer.
  void drain();
  /// Ends it at once with a reset; what was not sent is lost.
  void cut();

  // What other threads have done; each is followed by run(). Without effect when `job` is not the current
  // one.
  void admitted(const std::shared_ptr<Job>& job, std::optional<Response> refusal);
  void resume_reading(const std::shared_ptr<Job>& job);
  void stop_reading(const std::shared_ptr<Job>& job);
  void source_ready(const std::shared_ptr<Job>& job);
  void answer(const std::shared_ptr<Job>& job, Response response);
  void failed(const std::shared_ptr<Job>& job);

  /// Runs answer() without a body on an action thread and posts the result. [any thread]
  static void queue_answer(Loop& loop, std::uint64_t connection, std::shared_ptr<Job> job);

 private:
  enum class State { handshake, head, admitting, body, answering, sending, linger, closed };

  bool step();
  bool step_handshake();
  bool step_head();
  bool step_linger();
  bool watch_for_end();
  bool read_more();
  void heard(Io result, bool drained);

  // The request (connection.cpp, connection_body.cpp)
  void take_head(std::string_view text);
  void begin_exchange(ParsedHead parsed);
  void begin_admission();
  void begin_body();
  void continue_if_asked();
  bool step_body();
  bool feed_body();
  bool read_body();
  bool body_bytes(std::string_view bytes);
  void flush_piece();
  void end_body();
  void dispatch_answer();
  static Task answer_task(Loop& loop, std::uint64_t id, std::shared_ptr<Job> job, std::string body);
  void refuse(int status, const std::string& reason);
  void answer_now(Response response);
  std::optional<RequestHead> head_again() const;

  // The answer (connection_send.cpp)
  void begin_answer(Response response);
  bool step_sending();
  bool send_bytes();
  bool send_file();
  bool send_source();
  bool sent(Io result);
  bool finish_answer();
  bool cancelled() const;
  void notify_sent(bool complete);
  bool check_sending_rate();

  void end_after_answer();
  void begin_linger();
  void retire_job();
  void close();
  void start_window(std::uint64_t moved);
  bool window_too_slow(std::uint64_t moved);

  Loop& loop_;
  Shared& shared_;
  const std::uint64_t id_;
  const int descriptor_;
  const std::unique_ptr<Channel> channel_;
  const Origin origin_;

  State state_ = State::handshake;
  bool readable_ = true;
  bool writable_ = true;
  bool watches_writing_ = false;
  bool hangup_ = false;            // a short read no longer means that the socket is empty
  bool end_ = false;               // the peer will send nothing more
  std::int64_t deadline_ = 0;      // handshake, head, linger
  std::int64_t window_start_ = 0;  // of the rate measurement
  std::uint64_t window_mark_ = 0;
  std::size_t turn_bytes_ = 0;  // moved since run() began: fairness
  unsigned turn_requests_ = 0;

  // Input
  std::string in_;
  std::size_t in_position_ = 0;  // everything before was used
  HeadScanner scanner_;
  std::string head_text_;  // of the current request: the application's error() may want it again

  // The current request
  std::shared_ptr<Job> job_;
  bool http10_ = false;
  bool head_request_ = false;
  bool keep_ = false;
  bool expects_continue_ = false;
  bool body_done_ = true;
  bool paused_ = false;
  bool chunked_ = false;
  std::uint64_t body_left_ = 0;  // with Content-Length
  std::uint64_t body_limit_ = 0;
  std::uint64_t received_ = 0;
  ChunkedDecoder decoder_;
  std::string body_;
  std::shared_ptr<Upload> upload_;
  Piece piece_;  // being filled for upload_

  // The current answer; destroyed before job_, which may own the code it is made of
  struct Outgoing {
    Response response;
    std::string head;
    std::size_t body_begin = 0;  // in `head`: a small body is joined to it
    std::size_t head_sent = 0;
    std::size_t bytes_sent = 0;
    std::size_t bytes_size = 0;  // 0 where the bytes are not sent (HEAD)
    std::uint64_t file_left = 0;
    std::uint64_t file_offset = 0;
    std::shared_ptr<SourcePump> pump;
    Piece piece;
    std::uint64_t delivered = 0;
    std::uint64_t handed = 0;  // all bytes the kernel took, for the rate
    bool waits_for_source = false;
    bool close = false;
  };
  std::optional<Outgoing> out_;
};

}  // namespace postern::http
