// The program `postern`. What it does with its commands is in cli/; serve.cpp wires the host together.
#include <csignal>

#include "host/cli/commands.hpp"

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of its connection, not of the process
  return postern::cli::run(count, words);
}
