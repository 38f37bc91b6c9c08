#include "adapters/metrics/exposition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tianqu::metrics {
namespace {

TEST(Exposition, WritesHelpAndTypeOncePerName) {
    Exposition exposition;
    exposition.counter("tianqu_calls_total", "Calls", 3, {{"action", "Heartbeat"}})
        .counter("tianqu_calls_total", "Calls", 2, {{"action", "StartTransaction"}})
        .gauge("tianqu_load_watts", "Load", -12.5);
    EXPECT_EQ(exposition.text(),
              "# HELP tianqu_calls_total Calls\n"
              "# TYPE tianqu_calls_total counter\n"
              "tianqu_calls_total{action=\"Heartbeat\"} 3\n"
              "tianqu_calls_total{action=\"StartTransaction\"} 2\n"
              "# HELP tianqu_load_watts Load\n"
              "# TYPE tianqu_load_watts gauge\n"
              "tianqu_load_watts -12.5\n");
}

TEST(Exposition, EscapesLabelValues) {
    Exposition exposition;
    exposition.gauge("tianqu_node_watts", "Load", 1, {{"node", "a\"b\\c\nd"}});
    EXPECT_THAT(exposition.text(), ::testing::HasSubstr(R"({node="a\"b\\c\nd"} 1)"));
}

TEST(Exposition, KeepsLargeCountersExact) {
    Exposition exposition;
    exposition.counter("tianqu_bytes_total", "Bytes", 9'007'199'254'740'991);
    EXPECT_THAT(exposition.text(), ::testing::HasSubstr("tianqu_bytes_total 9007199254740991\n"));
}

}  // namespace
}  // namespace tianqu::metrics
