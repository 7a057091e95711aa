// LoadedLibrary: a Library with its descriptor, which only this room sees.
#pragma once

#include "host/plugins/library.hpp"
#include "postern/abi.hpp"

namespace postern::plugins {

class LoadedLibrary final : public Library {
 public:
  /// `descriptor` lies in mapped code, which stays for the life of the process.
  LoadedLibrary(Inspection inspection, const abi::Descriptor& descriptor)
      : inspection_(std::move(inspection)), descriptor_(descriptor) {}
  const Inspection& inspection() const override { return inspection_; }
  const abi::Descriptor& descriptor() const { return descriptor_; }

 private:
  Inspection inspection_;
  const abi::Descriptor& descriptor_;
};

}  // namespace postern::plugins
