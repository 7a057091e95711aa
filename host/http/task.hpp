// A callable that is moved, never copied: a response owns descriptors, so std::function cannot carry it
// between threads.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace postern::http {

template <class... Arguments>
class BasicTask {
 public:
  BasicTask() = default;
  template <class Function>
  requires(!std::is_same_v<std::decay_t<Function>, BasicTask>) BasicTask(Function&& function)
      : body_(std::make_unique<Body<std::decay_t<Function>>>(std::forward<Function>(function))) {}

  void operator()(Arguments... arguments) { body_->run(arguments...); }
  explicit operator bool() const { return body_ != nullptr; }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual void run(Arguments... arguments) = 0;
  };
  template <class Function>
  struct Body final : Base {
    explicit Body(Function f) : function(std::move(f)) {}
    void run(Arguments... arguments) override { function(arguments...); }
    Function function;
  };
  std::unique_ptr<Base> body_;
};

using Task = BasicTask<>;

}  // namespace postern::http
