#pragma once

#include <string>

namespace tianqu::server {

/// What a segment's snapshot holds: each part of the state encodes itself.
struct SnapshotRecord {
    std::string charging;
    std::string access;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "charging", self.charging);
        visit(2, "access", self.access);
    }
};

}  // namespace tianqu::server
