// The fakes keep the contract of the services.
#include "postern/testing/contract.hpp"

#include "postern/testing/fake_host.hpp"

namespace postern::testing {
namespace {

class FakeEnvironment {
 public:
  Links& links() { return host_.links; }
  Documents& documents() { return host_.documents; }
  Notifier& notifier() { return host_.notifier; }
  Audit& audit() { return host_.audit; }
  Database& database() { return host_.database; }
  void apply(const std::string& schema) { host_.database.apply(schema); }
  Timestamp now() { return host_.clock.now(); }
  void advance(std::int64_t milliseconds) { host_.clock.advance(milliseconds); }
  std::string add_document(std::string name) { return host_.documents.add(std::move(name)); }
  std::string folder() { return "folder-1"; }
  template <class F>
  void write(F&& work) {
    run(true, true, work);
  }
  template <class F>
  void undo(F&& work) {
    run(true, false, work);
  }
  template <class F>
  void read(F&& work) {
    run(false, true, work);
  }

 private:
  template <class F>
  void run(bool writable, bool commit, F& work) {
    FakeTransaction transaction(host_.database, writable);
    work(Tx(transaction));
    if (commit) transaction.commit();
  }
  FakeHost host_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Fakes, ServiceContract, FakeEnvironment);

}  // namespace
}  // namespace postern::testing
