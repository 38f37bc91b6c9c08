#pragma once

#include <string>
#include <vector>

#include "access/state.hpp"
#include "app/server/runtime.hpp"

namespace tianqu::server {

/// Access state as a part of what the journal folds into.
class AccessPart final : public StatePart {
public:
    [[nodiscard]] const access::State& state() const { return state_; }

    bool fold(const ports::EventRecord& record) override;
    [[nodiscard]] std::string encode() const override;
    Status decode(std::string_view bytes) override;

private:
    access::State state_;
};

/// Access events as journal records.
[[nodiscard]] std::vector<ports::EventRecord> access_records(const std::vector<access::EventBody>& events,
                                                             const charging::Actor& actor);

/// {"users":[{"name","role","password","api_keys"}]}: whether there is a password, how many keys; no secret.
[[nodiscard]] std::string users_json(const access::State& state);

/// Bytes from the system's generator, fit for secrets.
[[nodiscard]] std::string random_bytes(std::size_t count);

}  // namespace tianqu::server
