/// A peer of either side meets any bytes: it answers with well-formed frames or not at all.

#include <cstdlib>
#include <string_view>

#include "ocpp/peer.hpp"

namespace {

using namespace tianqu;
using namespace tianqu::ocpp;

void require(bool holds) {
    if (!holds) std::abort();
}

void try_side(Role role, Validation validation, std::string_view text) {
    v16::Peer peer({.role = role, .validation = validation});
    if (role == Role::central_system) {
        require(peer.call(v16::ClearCacheRequest{}).has_value());
    } else {
        require(peer.call(v16::HeartbeatRequest{}).has_value());
    }
    require(peer.flush(TimePoint{}).frames.size() == 1);
    const auto output = peer.on_frame(text, TimePoint{});
    require(output.calls.size() + output.completed.size() + output.frames.size() <= 1);
    for (const auto& frame : output.frames) {
        JsonDocument document;
        require(document.parse(frame).has_value());
        require(frame.starts_with("[4,"));
    }
    for (const auto& call : output.calls) {
        require(may_send(other_side(role), action_of(call.request)));
        const auto refused = peer.refuse(call.number, CallErrorCode::generic_error, "no");
        require(refused.frames.size() == 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto role : {Role::central_system, Role::charge_point}) {
        for (const auto validation : {Validation::tolerant, Validation::strict}) try_side(role, validation, text);
    }
    return 0;
}
