/// The codec's strict mode against the official JSON schemas, both ways: cases made from our descriptions are judged by
/// the schemas, cases made from the schemas are judged by the codec.

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "ocpp/tests/random_message.hpp"
#include "ocpp/v16/messages.hpp"

namespace tianqu::ocpp::v16 {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

const fs::path folder = fs::path(TIANQU_SOURCE_DIR) / "tests" / "ocpp";
const fs::path output = fs::path(TIANQU_BINARY_DIR) / "ocpp-conformance";

/// The packages come with `npm ci` in tests/ocpp; the schemas may not be kept here.
bool packages_present() { return fs::exists(folder / "node_modules" / "ocpp-rpc" / "package.json"); }

int node(const std::string& arguments) {
    return std::system(("cd '" + folder.string() + "' && node " + arguments).c_str());
}

/// The codec's verdict on a payload of "urn:Reset.req" or "urn:Reset.conf".
bool strict_accepts(std::string_view schema, std::string_view payload_text) {
    const auto dot = schema.rfind('.');
    const auto action = find_action(schema.substr(4, dot - 4));
    EXPECT_TRUE(action.has_value()) << schema;
    JsonDocument document;
    const auto payload = document.parse(payload_text);
    EXPECT_TRUE(payload.has_value()) << payload_text;
    if (schema.substr(dot) == ".req") return read_request(*action, **payload, Validation::strict).has_value();
    return read_response(*action, **payload, Validation::strict).has_value();
}

/// Changes one place of a payload.
class Mutator {
public:
    explicit Mutator(std::uint64_t seed) : random_(seed) {}

    void mutate(json::value& root) {
        std::vector<json::value*> places;
        collect(root, places);
        change(*places[pick(places.size())]);
    }

private:
    std::size_t pick(std::size_t limit) {
        return static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(limit)));
    }

    static void collect(json::value& value, std::vector<json::value*>& places) {
        places.push_back(&value);
        if (auto* object = value.if_object()) {
            for (auto& member : *object) collect(member.value(), places);
        } else if (auto* array = value.if_array()) {
            for (auto& element : *array) collect(element, places);
        }
    }

    json::value other() {
        switch (pick(12)) {
            case 0:
                return nullptr;
            case 1:
                return true;
            case 2:
                return 7;
            case 3:
                return -0.25;
            case 4:
                return 12.0;
            case 5:
                return 1e3;
            case 6:
                return "";
            case 7:
                return json::string(1 + pick(600), 'y');
            case 8:
                return "2026-11-23T12:00:00Z";
            case 9:
                return json::array{};
            case 10:
                return json::object{};
            default:
                return "Accepted";
        }
    }

    void change(json::value& value) {
        if (auto* object = value.if_object(); object != nullptr && pick(4) != 0) return change_object(*object);
        if (auto* array = value.if_array(); array != nullptr && pick(4) != 0) {
            array->push_back(array->empty() || pick(2) == 0 ? other() : array->front());
            return;
        }
        if (auto* text = value.if_string(); text != nullptr && pick(2) == 0) return change_text(*text);
        if (value.is_number() && pick(2) == 0) {
            value = value.to_number<double>() + (pick(2) == 0 ? 0.05 : 0.1);
            return;
        }
        value = other();
    }

    void change_object(json::object& object) {
        if (object.empty() || pick(3) == 0) {
            object["extra"] = other();
        } else if (pick(2) == 0) {
            object.erase(object.begin() + static_cast<std::ptrdiff_t>(pick(object.size())));
        } else {
            (object.begin() + static_cast<std::ptrdiff_t>(pick(object.size())))->value() = other();
        }
    }

    void change_text(json::string& text) {
        switch (pick(4)) {
            case 0:
                text.append(std::string(1 + pick(30), 'x'));
                break;
            case 1:
                if (!text.empty()) text.pop_back();
                // Cut inside a character is no JSON any more.
                if (!json::string_view(text).empty() && static_cast<unsigned char>(text.back()) >= 0x80) text.clear();
                break;
            case 2:
                for (auto& c : text) {
                    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
                }
                break;
            default:
                text.insert(0, " ");
        }
    }

    testing::RandomMessage random_;
};

class Cases {
public:
    explicit Cases(const fs::path& file) : out_(file) {}
    void add(const std::string& schema, const std::string& payload) {
        out_ << R"({"schema":")" << schema << R"(","accepted":)" << (strict_accepts(schema, payload) ? "true" : "false")
             << R"(,"payload":)" << payload << "}\n";
    }
    template <class Message>
    void add_with_mutations(const std::string& schema, const Message& message, std::uint64_t seed) {
        const std::string example = write_payload(message);
        add(schema, example);
        for (std::uint64_t i = 0; i < 8; ++i) {
            auto payload = json::parse(example);
            Mutator(seed * 8 + i).mutate(payload);
            add(schema, json::serialize(payload));
        }
    }

private:
    std::ofstream out_;
};

TEST(OcppConformance, TheSchemasAgreeWithWhatTheCodecSays) {
    if (!packages_present()) GTEST_SKIP() << "skipped: run npm ci in tests/ocpp";
    fs::create_directories(output);
    const fs::path file = output / "generated.jsonl";
    {
        Cases cases(file);
        for (std::size_t index = 0; index < action_count; ++index) {
            const std::string name = "urn:" + std::string(action_name(static_cast<Action>(index)));
            for (std::uint64_t round = 0; round < 120; ++round) {
                const std::uint64_t seed = round * action_count + index;
                testing::RandomMessage random(seed);
                cases.add_with_mutations(name + ".req", random.make_one<Request>(index), seed);
                cases.add_with_mutations(name + ".conf", random.make_one<Response>(index), seed + 1'000'000);
            }
        }
    }
    EXPECT_EQ(node("conformance.mjs '" + file.string() + "'"), 0);
}

TEST(OcppConformance, TheCodecAgreesWithWhatTheSchemasSay) {
    if (!packages_present()) GTEST_SKIP() << "skipped: run npm ci in tests/ocpp";
    fs::create_directories(output);
    const fs::path file = output / "boundary.jsonl";
    ASSERT_EQ(node("boundary.mjs > '" + file.string() + "'"), 0);
    std::ifstream in(file);
    std::string line;
    int total = 0;
    int disagreements = 0;
    while (std::getline(in, line)) {
        const auto parsed = json::parse(line).as_object();
        const std::string schema(parsed.at("schema").as_string());
        constexpr std::string_view mark = R"("payload":)";
        const auto at = line.find(mark) + mark.size();
        const std::string payload = line.substr(at, line.size() - at - 1);
        ++total;
        if (strict_accepts(schema, payload) == parsed.at("accepted").as_bool()) continue;
        if (++disagreements <= 20) ADD_FAILURE() << line;
    }
    EXPECT_EQ(disagreements, 0);
    EXPECT_GT(total, 5'000);
    std::cout << total << " payloads made from the schemas, " << disagreements << " disagreements\n";
}

}  // namespace
}  // namespace tianqu::ocpp::v16
