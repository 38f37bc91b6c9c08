#include "ports/journal.hpp"

#include "base/record.hpp"

namespace tianqu::ports {

Sha256 chain_hash(const Sha256& previous, const EventRecord& event) {
    return sha256(as_bytes(previous), encode_record(event));
}

}  // namespace tianqu::ports
