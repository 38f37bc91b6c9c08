#include "city/toml_fields.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "base/csv.hpp"

namespace tianqu::city {

namespace {

/// The shortest decimal that reads back to the double: what stands in the file.
std::string decimal_text(double value) {
    std::array<char, 400> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
    return {buffer.data(), end.ptr};
}

}  // namespace

struct TomlFields::Document {
    toml::table root;
    bool usable = false;

    [[nodiscard]] const toml::node* find(std::string_view path) const {
        const toml::node* node = &root;
        while (!path.empty()) {
            const auto* const table = node->as_table();
            if (table == nullptr) return nullptr;
            const auto dot = path.find('.');
            node = table->get(path.substr(0, dot));
            if (node == nullptr) return nullptr;
            path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
        }
        return node;
    }

    /// The line of the field, or of the nearest table around it.
    [[nodiscard]] std::size_t line(std::string_view path) const {
        while (true) {
            if (const auto* const node = find(path)) return std::max<std::size_t>(1, node->source().begin.line);
            const auto dot = path.rfind('.');
            if (dot == std::string_view::npos) return 1;
            path = path.substr(0, dot);
        }
    }

    [[nodiscard]] std::string shown(std::string_view path) const {
        const auto* const node = find(path);
        if (node == nullptr) return "";
        if (const auto text = node->value_exact<std::string>()) return *text;
        if (const auto real = node->value_exact<double>()) return decimal_text(*real);
        std::ostringstream out;
        node->visit([&](const auto& value) { out << value; });
        return out.str();
    }
};

TomlFields::TomlFields(std::string file, std::string_view text, std::vector<Error>& problems)
    : document_(std::make_unique<Document>()), file_(std::move(file)), problems_(problems) {
    // Debian's library is built with exceptions: they end here.
    try {
        document_->root = toml::parse(text);
        document_->usable = true;
    } catch (const toml::parse_error& error) {
        problems_.push_back(input_error(file_, std::max<std::size_t>(1, error.source().begin.line), "(syntax)",
                                        std::string(error.description()), "a TOML document"));
    }
}

TomlFields::~TomlFields() = default;

std::string TomlFields::text(std::string_view path) {
    if (!document_->usable) return {};
    const auto* const node = document_->find(path);
    if (node != nullptr) {
        if (auto value = node->value_exact<std::string>(); value && !value->empty()) return std::move(*value);
    }
    refuse(path, document_->shown(path), "a text that is not empty");
    return {};
}

std::vector<std::string> TomlFields::texts(std::string_view path) {
    if (!document_->usable) return {};
    std::vector<std::string> values;
    const auto* const node = document_->find(path);
    const auto* const array = node == nullptr ? nullptr : node->as_array();
    for (std::size_t at = 0; array != nullptr && at < array->size(); ++at) {
        if (auto value = array->get(at)->value_exact<std::string>()) values.push_back(std::move(*value));
    }
    if (array == nullptr || array->empty() || values.size() != array->size()) {
        refuse(path, document_->shown(path), "a list of texts");
    }
    return values;
}

bool TomlFields::boolean(std::string_view path) {
    if (!document_->usable) return false;
    if (const auto* const node = document_->find(path)) {
        if (const auto value = node->value_exact<bool>()) return *value;
    }
    refuse(path, document_->shown(path), "true or false");
    return false;
}

std::int64_t TomlFields::whole(std::string_view path, std::int64_t low, std::int64_t high) {
    if (!document_->usable) return low;
    if (const auto* const node = document_->find(path)) {
        const auto value = node->value_exact<std::int64_t>();
        if (value && *value >= low && *value <= high) return *value;
    }
    refuse(path, document_->shown(path), "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return low;
}

std::int64_t TomlFields::thousandths(std::string_view path) {
    if (!document_->usable) return 1;
    std::string written;
    if (const auto* const node = document_->find(path)) {
        if (const auto whole_number = node->value_exact<std::int64_t>()) {
            written = std::to_string(*whole_number);
        } else if (const auto real = node->value_exact<double>()) {
            written = decimal_text(*real);
        }
    }
    const auto count = parse_decimal(written, 3);
    if (count && *count > 0 && *count <= 1'000'000'000'000) return *count;
    refuse(path, document_->shown(path), "a number above 0 with at most three decimals");
    return 1;
}

bool TomlFields::has(std::string_view path) const { return document_->find(path) != nullptr; }

std::vector<std::string> TomlFields::keys(std::string_view path) const {
    std::vector<std::string> names;
    const auto* const node = document_->find(path);
    if (node == nullptr || node->as_table() == nullptr) return names;
    for (const auto& [key, value] : *node->as_table()) names.emplace_back(key.str());
    return names;
}

void TomlFields::refuse(std::string_view path, std::string_view value, std::string_view expected) {
    problems_.push_back(input_error(file_, document_->line(path), path, value, expected));
}

void TomlFields::only_keys(std::string_view table, std::initializer_list<std::string_view> known) {
    for (const auto& key : keys(table)) {
        if (std::ranges::find(known, key) != known.end()) continue;
        std::string list;
        for (const auto name : known) list.append(list.empty() ? "" : ", ").append(name);
        const auto path = table.empty() ? key : std::string(table) + "." + key;
        refuse(path, document_->shown(path), "no such key (known: " + list + ")");
    }
}

}  // namespace tianqu::city
