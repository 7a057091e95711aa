#include "host/staff/text.hpp"

namespace postern::staff {

std::optional<std::size_t> plain_length(std::string_view text) {
  std::size_t points = 0;
  for (std::uint32_t point = 0; !text.empty(); ++points)
    if (!text::take_point(text, point) || text::is_control(point)) return std::nullopt;
  return points;
}

}  // namespace postern::staff
