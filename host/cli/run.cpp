#include <iostream>

#include "host/cli/commands.hpp"

namespace postern::cli {

int run(int count, const char* const* words) {
  const auto parsed = parse_arguments(count, words);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const Arguments& arguments = std::get<Arguments>(parsed);
  try {
    return std::visit([&](const auto& command) { return run(command, arguments.config); }, arguments.command);
  } catch (const std::exception& error) {
    std::cerr << "postern: this should not happen: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace postern::cli
