#include "tests/ocpp/malformed_corpus.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace tianqu::test {

namespace json = boost::json;

namespace {

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        int byte = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

std::string text_of(const json::object& line, std::string_view name) {
    const auto* value = line.if_contains(name);
    return value == nullptr ? std::string{} : std::string(value->as_string());
}

std::string frame_of(const json::object& line) {
    if (line.contains("frame")) return text_of(line, "frame");
    if (line.contains("hex")) return from_hex(text_of(line, "hex"));
    std::string frame;
    for (const auto& part : line.at("parts").as_array()) {
        for (auto left = part.at(1).as_int64(); left > 0; --left) frame += part.at(0).as_string();
    }
    return frame;
}

}  // namespace

std::vector<MalformedCase> malformed_cases() {
    std::vector<MalformedCase> cases;
    for (const auto& entry : std::filesystem::directory_iterator(TIANQU_SOURCE_DIR "/tests/ocpp/malformed")) {
        if (entry.path().extension() != ".jsonl") continue;
        std::ifstream in(entry.path());
        for (std::string text; std::getline(in, text);) {
            const auto line = json::parse(text).as_object();
            cases.push_back({.name = entry.path().stem().string() + ": " + std::string(line.at("name").as_string()),
                             .frame = frame_of(line),
                             .tolerant = std::string(line.at("tolerant").as_string()),
                             .strict = std::string(line.at("strict").as_string()),
                             .id = text_of(line, "id"),
                             .socket = text_of(line, "socket")});
        }
    }
    return cases;
}

}  // namespace tianqu::test
