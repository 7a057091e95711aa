// The whole plugin but its export, so that ack_test.cpp can run it on fakes.
#pragma once

#include <postern/comfort.hpp>
#include <postern/json.hpp>

namespace ack {

using namespace postern;

/// Handlers run concurrently; the members are set in setup() and only read afterwards.
class Ack final : public Action<Ack> {
 public:
  /// Route of manifest.yaml -> member function; the door follows from its parameter.
  static constexpr auto routes() {
    return std::array{on("view", &Ack::view), on("read", &Ack::read), on("list", &Ack::list),
                      on("show", &Ack::show), on("ask", &Ack::ask)};
  }

  Result<void> setup(Services& services, const Settings& settings) override {
    expires_ = settings.integer("expires");
    return services.require(audit_, links_, notifier_, random_);
  }

  /// What the recipient sees. A GET changes nothing: mail scanners open links too.
  Result<void> view(RecipientContext& c) {
    POSTERN_TRY(auto row,
                c.tx.row("select title, notice, read_at from ack_requests where id = :id", {c.resource}));
    if (!row) return {Code::gone, "this notice is no longer there"};
    auto [title, notice, read_at] = row->as<std::string, std::string, Timestamp>();
    Json values{{"title", title}, {"notice", notice}};
    if (read_at.ms != 0) values["read_at"] = read_at.ms;
    c.page("view.html", dump(values));
    return {};
  }

  /// The button. Counts a use of the link and writes the proof; pressing it twice is fine.
  Result<void> read(RecipientContext& c) {
    POSTERN_TRY(auto changed,
                c.tx.execute("update ack_requests set read_at = :now where id = :id and read_at = 0",
                             {c.now, c.resource}));
    if (changed == 1) {
      POSTERN_CHECK(links_.use(c.tx, c.link.id));
      POSTERN_CHECK(audit_.append(c.tx, "ack.read", c.resource));
    }
    c.redirect("");  // 303 to view(), so that a reload sends nothing again
    return {};
  }

  Result<void> list(StaffContext& c) {
    POSTERN_TRY(auto rows,
                c.tx.rows("select id, title, asked_at, read_at from ack_requests order by asked_at desc, id "
                          "limit 100"));
    Json requests = Json::array();
    for (const auto& row : rows) requests.push_back(request(row));
    c.json(dump({{"requests", requests}}));
    return {};
  }

  Result<void> show(StaffContext& c) {
    POSTERN_TRY(auto row, c.tx.row("select id, title, asked_at, read_at from ack_requests where id = :id",
                                   {c.parameter("request")}));
    if (!row) return {Code::not_found, "there is no such request"};
    c.json(dump(request(*row)));
    return {};
  }

  /// A row, a link, a message and an audit line: all of them, or none.
  Result<void> ask(StaffContext& c) {
    POSTERN_TRY(auto body, Body::of(c));
    POSTERN_CHECK(body.only({"title", "notice", "email", "name"}));
    POSTERN_TRY(auto title, body.text("title", {.longest = 200}));
    POSTERN_TRY(auto notice, body.text("notice", {.longest = 8000}));
    POSTERN_TRY(auto email, body.text("email", {.longest = 254}));
    POSTERN_TRY(auto name, body.text_or("name", "", {.shortest = 0, .longest = 200}));

    auto id = random_.id();
    POSTERN_CHECK(
        c.tx.execute("insert into ack_requests (id, title, notice, asked_by, asked_at) "
                     "values (:id, :title, :notice, :by, :at)",
                     {id, title, notice, c.member.id, c.now}));
    Recipient recipient{.name = name, .email = email};
    POSTERN_TRY(auto link, links_.issue(c.tx, {.resource = id,
                                               .recipient = recipient,
                                               .expires = c.now + expires_,
                                               .issued_by = c.member.id}));
    POSTERN_CHECK(notifier_.queue(c.tx, {.key = "asked",
                                         .recipient = recipient,
                                         .link = link,
                                         .values = dump({{"title", title}}),
                                         .member_name = c.member.name,
                                         .member_email = c.member.email,
                                         .reference = id}));
    POSTERN_CHECK(audit_.append(c.tx, "ack.asked", id));
    c.json(dump({{"id", id}, {"title", title}, {"asked_at", c.now.ms}, {"read_at", 0}}), 201);
    return {};
  }

 private:
  static Json request(const Row& row) {
    return {{"id", row.text(0)},
            {"title", row.text(1)},
            {"asked_at", row.integer(2)},
            {"read_at", row.integer(3)}};
  }

  Use<Audit> audit_;
  Use<Links> links_;
  Use<Notifier> notifier_;
  Use<Random> random_;
  std::int64_t expires_ = 0;  // milliseconds
};

}  // namespace ack
