// Sends what stands on its standard input once and says what became of it, for smtp_test.py:
//   smtp_send HOST PORT none|starttls|tls FROM TO [--user U --password P] [--ca FILE] [--timeout MS]
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <map>

#include "host/services/outbox.hpp"

int main(int argc, char** argv) {
  using namespace postern::services;
  if (argc < 6) return 2;
  SmtpOptions options;
  options.host = argv[1];
  options.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  const std::string security = argv[3];
  options.security = security == "none"  ? SmtpOptions::Security::none
                     : security == "tls" ? SmtpOptions::Security::tls
                                         : SmtpOptions::Security::starttls;
  std::map<std::string, std::string> more;
  for (int i = 6; i + 1 < argc; i += 2) more[argv[i]] = argv[i + 1];
  options.user = more["--user"];
  options.password = more["--password"];
  options.ca_file = more["--ca"];
  if (more.contains("--timeout")) options.timeout_ms = std::atoll(more["--timeout"].c_str());

  Mail mail;
  mail.id = "test";
  mail.from = argv[4];
  mail.to = argv[5];
  mail.content.assign(std::istreambuf_iterator<char>(std::cin), {});
  const auto attempt = smtp_transport(options)->send(mail);
  const char* words[] = {"yes", "later", "never"};
  std::cout << words[static_cast<int>(attempt.delivered)] << " " << attempt.reason << "\n";
  return 0;
}
