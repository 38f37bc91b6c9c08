#include "ocpp/json.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>

#include "ocpp/formats.hpp"

namespace tianqu::ocpp {
namespace {

/// The same content as Boost.JSON's value.
void expect_same(const JsonValue& ours, const boost::json::value& theirs) {
    switch (ours.kind) {
        case JsonKind::null:
            EXPECT_TRUE(theirs.is_null());
            break;
        case JsonKind::boolean:
            EXPECT_EQ(ours.truth, theirs.as_bool());
            break;
        case JsonKind::number:
            EXPECT_TRUE(theirs.is_number());
            if (theirs.is_int64()) EXPECT_EQ(whole_number(ours.text), theirs.as_int64());
            break;
        case JsonKind::text:
            EXPECT_EQ(ours.text, std::string_view(theirs.as_string()));
            break;
        case JsonKind::array: {
            ASSERT_EQ(ours.count, theirs.as_array().size());
            for (std::size_t i = 0; i < ours.count; ++i) expect_same(ours.children[i].value, theirs.as_array()[i]);
            break;
        }
        case JsonKind::object:
            for (const auto& [name, value] : theirs.as_object()) {
                const auto* found = ours.find(name);
                ASSERT_NE(found, nullptr) << name;
                expect_same(*found, value);
            }
            break;
    }
}

void compare(std::string_view text) {
    boost::system::error_code error;
    const auto theirs = boost::json::parse(text, error);
    // Valid JSON that a double cannot hold: we keep the literal and let the field decide.
    if (error == boost::json::error::exponent_overflow) return;
    JsonDocument document;
    const auto ours = document.parse(text, {.depth = 32});
    ASSERT_EQ(ours.has_value(), !error.failed()) << text << "\n" << (ours ? error.message() : ours.error().to_string());
    if (ours) expect_same(**ours, theirs);
}

TEST(Json, AgreesWithBoostOnBrokenAndWholeTexts) {
    const std::string seeds[] = {
        R"([2,"19223201","BootNotification",{"chargePointVendor":"Vendor\u00e9\ud834\udd1e","n":[-1.5e+3,0,12,true,false,null]}])",
        R"({"a":{"b":[[],{},"",{"c":"\"\\\/\b\f\n\r\t"}]},"德州":"市"})", R"([1,2.25,-0,0.5,1e5,1E-2,123456789012])"};
    std::mt19937_64 random(7);
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    constexpr std::string_view alphabet = "[]{}\",:0123456789.eE+-tfn\\u \n\x01\xc3\xa9\xff";
    for (const auto& seed : seeds) compare(seed);
    for (int i = 0; i < 30'000; ++i) {
        std::string text = seeds[below(3)];
        for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
            const std::size_t at = below(text.size());
            if (below(3) == 0)
                text.erase(at, 1 + below(4));
            else if (below(2) == 0)
                text.insert(at, 1, alphabet[below(alphabet.size())]);
            else
                text[at] = alphabet[below(alphabet.size())];
            if (text.empty()) text = "0";
        }
        compare(text);
        if (::testing::Test::HasFatalFailure()) return;
    }
}

TEST(Json, KeepsSourceNumberLiteralsAndRepeatedNames) {
    JsonDocument document;
    const auto root = document.parse(R"( {"a": 1.50 ,"a":{"b" : [ 1 ]}} )");
    ASSERT_TRUE(root.has_value());
    EXPECT_EQ((*root)->count, 2u);
    EXPECT_EQ((*root)->children[0].value.text, "1.50");
    EXPECT_EQ((*root)->find("a")->source, R"({"b" : [ 1 ]})");
}

TEST(Json, DepthAndNumberOfValuesAreLimited) {
    const std::string deep = std::string(25, '[') + std::string(25, ']');
    EXPECT_FALSE(JsonDocument().parse(deep).has_value());
    EXPECT_TRUE(JsonDocument().parse(deep, {.depth = 25}).has_value());
    EXPECT_FALSE(JsonDocument().parse(std::string(100'000, '[')).has_value());
    EXPECT_FALSE(JsonDocument().parse("[1,2,3]", {.values = 3}).has_value());
}

TEST(Json, NumbersAreExact) {
    EXPECT_EQ(whole_number("12"), 12);
    EXPECT_EQ(whole_number("12.0"), 12);
    EXPECT_EQ(whole_number("1.2e1"), 12);
    EXPECT_EQ(whole_number("-9223372036854775807"), -9223372036854775807);
    EXPECT_FALSE(whole_number("12.5"));
    EXPECT_FALSE(whole_number("9223372036854775808"));
    EXPECT_FALSE(whole_number("1e40"));
    EXPECT_EQ(scaled_number("12.345", 3), 12345);
    EXPECT_EQ(scaled_number("12.3455", 3), 12346);
    EXPECT_EQ(scaled_number("-0.0005", 3), -1);
    EXPECT_EQ(scaled_number("0.00049", 3), 0);
    EXPECT_EQ(scaled_number("1e3", 0), 1000);
    EXPECT_EQ(scaled_number("5e-1", 0), 1);
    EXPECT_EQ(scaled_number("0e99999999999", 3), 0);
    EXPECT_EQ(scaled_number("1e-99999999999", 3), 0);
    EXPECT_FALSE(scaled_number("1e99999999999", 3));
    EXPECT_FALSE(scaled_number("", 3));
    EXPECT_FALSE(scaled_number("1,5", 3));
    bool exact = true;
    EXPECT_EQ(scaled_number("0.25", 1, &exact), 3);
    EXPECT_FALSE(exact);
    EXPECT_EQ(scaled_number("0.20", 1, &exact), 2);
    EXPECT_TRUE(exact);
}

TEST(Formats, DateTimesAsTheSchemaHasThem) {
    for (const auto* good :
         {"2026-11-23T12:00:00Z", "2026-11-23t12:00:00z", "2024-02-29T00:00:00.123456+08:00", "2016-12-31T23:59:60Z",
          "2017-01-01T07:59:60+08:00", "2026-11-23 12:00:00-0530", "2026-11-23T12:00:00+08"}) {
        EXPECT_TRUE(is_date_time(good)) << good;
        (void)date_time(good);
    }
    for (const auto* bad : {"", "2026-11-23", "2026-11-23T12:00:00", "2026-02-29T00:00:00Z", "2026-11-23T24:00:00Z",
                            "2026-11-23T12:00Z", "2026-11-23T12:00:00.Z", "2016-12-31T12:59:60Z",
                            "2026-13-01T00:00:00Z", "2026-11-23T12:00:00+25:00", "2026-11-23T12:00:00Z "}) {
        EXPECT_FALSE(is_date_time(bad)) << bad;
    }
    EXPECT_EQ(format_time(date_time("2016-12-31T23:59:60Z")), "2017-01-01T00:00:00.000Z");
    EXPECT_EQ(format_time(date_time("2026-11-23 20:00:00.5+08:00")), "2026-11-23T12:00:00.500Z");
}

TEST(Formats, Addresses) {
    for (const auto* good :
         {"ftp://10.0.0.1/x", "http://a", "http://", "urn:a:b", "https://u:p@h.example:443/a/b?q=1#f", "http://[::1]/",
          "http://[2001:db8:0:0:0:0:0:1]/", "http://[::ffff:1.2.3.4]:80", "a:/b", "a:b"}) {
        EXPECT_TRUE(is_uri(good)) << good;
    }
    for (const auto* bad : {"", "a", "a:", "1a:b", "http://a b", "http://a:b:c?[", "http://%zz", "http://[::1", "//a/b",
                            "http://[1:2:3]/?", "ftp:// ", "http://é"}) {
        EXPECT_FALSE(is_uri(bad)) << bad;
    }
}

}  // namespace
}  // namespace tianqu::ocpp
