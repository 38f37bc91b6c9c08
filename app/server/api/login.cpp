#include "app/server/api/login.hpp"

namespace tianqu::server {

namespace {
constexpr std::size_t most_addresses = 10'000;
}

bool LoginGuard::allowed(const std::string& address, Time now) {
    const auto found = tries_.find(address);
    if (found == tries_.end() || now - found->second.since > window || found->second.count < limit) return true;
    ++refused_;
    return false;
}

void LoginGuard::failed(const std::string& address, Time now) {
    ++failures_;
    if (tries_.size() >= most_addresses) {
        std::erase_if(tries_, [&](const auto& entry) { return now - entry.second.since > window; });
        if (tries_.size() >= most_addresses) tries_.clear();
    }
    auto& tries = tries_[address];
    if (tries.count == 0 || now - tries.since > window) tries = Tries{0, now};
    ++tries.count;
}

}  // namespace tianqu::server
