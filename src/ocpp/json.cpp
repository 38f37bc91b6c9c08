#include "ocpp/json.hpp"

#include <charconv>
#include <cstring>
#include <limits>
#include <vector>

namespace tianqu::ocpp {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Length of the UTF-8 sequence at the front of `text` (whose first byte is ≥ 0x80), or 0 when it is not valid.
std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const auto follows = [&](std::size_t i, unsigned char low = 0x80, unsigned char high = 0xbf) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    if (lead >= 0xc2 && lead <= 0xdf) return follows(1) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        const unsigned char low = lead == 0xe0 ? 0xa0 : 0x80;
        const unsigned char high = lead == 0xed ? 0x9f : 0xbf;
        return follows(1, low, high) && follows(2) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const unsigned char low = lead == 0xf0 ? 0x90 : 0x80;
        const unsigned char high = lead == 0xf4 ? 0x8f : 0xbf;
        return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

std::size_t put_utf8(char* out, std::uint32_t code) {
    const auto put = [&](std::size_t i, std::uint32_t value) { out[i] = static_cast<char>(value); };
    if (code < 0x80) {
        put(0, code);
        return 1;
    }
    if (code < 0x800) {
        put(0, 0xc0 | code >> 6);
        put(1, 0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        put(0, 0xe0 | code >> 12);
        put(1, 0x80 | (code >> 6 & 0x3f));
        put(2, 0x80 | (code & 0x3f));
        return 3;
    }
    put(0, 0xf0 | code >> 18);
    put(1, 0x80 | (code >> 12 & 0x3f));
    put(2, 0x80 | (code >> 6 & 0x3f));
    put(3, 0x80 | (code & 0x3f));
    return 4;
}

std::optional<std::uint32_t> hex4(std::string_view text) {
    if (text.size() < 4) return std::nullopt;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
    if (error != std::errc{} || end != text.data() + 4) return std::nullopt;
    return value;
}

/// The code point of "\uXXXX" or a surrogate pair at the front of `text`, and the length of its escape.
std::optional<std::pair<std::uint32_t, std::size_t>> unicode_escape(std::string_view text) {
    const auto first = hex4(text.substr(2));
    if (!first) return std::nullopt;
    if (*first < 0xd800 || *first > 0xdfff) return std::pair{*first, std::size_t{6}};
    if (*first > 0xdbff || text.size() < 12 || text[6] != '\\' || text[7] != 'u') return std::nullopt;
    const auto second = hex4(text.substr(8));
    if (!second || *second < 0xdc00 || *second > 0xdfff) return std::nullopt;
    return std::pair{0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00), std::size_t{12}};
}

std::optional<char> simple_escape(char c) {
    switch (c) {
        case '"':
        case '\\':
        case '/':
            return c;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return std::nullopt;
    }
}

/// Scans a string literal whose opening quote is the first character. Returns its length with quotes, or 0 when broken.
std::size_t scan_string(std::string_view text, bool& escaped) {
    std::size_t at = 1;
    while (at < text.size()) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c == '"') return at + 1;
        if (c == '\\') {
            escaped = true;
            if (at + 1 >= text.size()) return 0;
            if (text[at + 1] == 'u') {
                const auto code = unicode_escape(text.substr(at));
                if (!code) return 0;
                at += code->second;
            } else if (simple_escape(text[at + 1])) {
                at += 2;
            } else {
                return 0;
            }
        } else if (c < 0x20) {
            return 0;
        } else if (c < 0x80) {
            ++at;
        } else {
            const std::size_t length = utf8_sequence(text.substr(at));
            if (length == 0) return 0;
            at += length;
        }
    }
    return 0;
}

/// Resolves the escapes of a scanned literal's inside; the result is never longer than `inside`.
std::size_t unescape(std::string_view inside, char* out) {
    std::size_t written = 0;
    while (!inside.empty()) {
        if (inside.front() != '\\') {
            out[written++] = inside.front();
            inside.remove_prefix(1);
        } else if (inside[1] == 'u') {
            const auto [code, length] = *unicode_escape(inside);
            written += put_utf8(out + written, code);
            inside.remove_prefix(length);
        } else {
            out[written++] = *simple_escape(inside[1]);
            inside.remove_prefix(2);
        }
    }
    return written;
}

/// Length of the number literal at the front, or 0.
std::size_t scan_number(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t before = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at > before;
    };
    if (at < text.size() && text[at] == '-') ++at;
    if (at < text.size() && text[at] == '0') {
        ++at;
    } else if (!digits()) {
        return 0;
    }
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (!digits()) return 0;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        if (!digits()) return 0;
    }
    return at;
}

class Parser {
public:
    Parser(std::string_view text, std::pmr::memory_resource& memory, JsonLimits limits)
        : text_(text), rest_(text), memory_(memory), limits_(limits) {
        stack_.reserve(16);
    }

    Result<JsonValue> run() {
        JsonValue root;
        if (!value(root, 0)) return broken();
        skip_space();
        if (!rest_.empty()) return broken("nothing after the value");
        return root;
    }

private:
    std::unexpected<Error> broken(std::string_view expected = {}) {
        std::string text = "not valid JSON: expected ";
        text += expected.empty() ? expected_ : expected;
        return fail(Error{
            ErrorCode::invalid_input, std::move(text), {{"offset", std::to_string(text_.size() - rest_.size())}}});
    }
    bool expect(std::string_view what) {
        expected_ = what;
        return false;
    }
    void skip_space() {
        while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    }
    bool take(char c) {
        skip_space();
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool literal(std::string_view word) {
        if (!rest_.starts_with(word)) return expect("a value");
        rest_.remove_prefix(word.size());
        return true;
    }

    bool value(JsonValue& out, std::size_t depth) {
        skip_space();
        if (rest_.empty()) return expect("a value");
        if (++values_ > limits_.values) return expect("fewer values");
        const char* begin = rest_.data();
        const bool ok = content(out, depth);
        out.source = {begin, static_cast<std::size_t>(rest_.data() - begin)};
        return ok;
    }

    bool content(JsonValue& out, std::size_t depth) {
        switch (rest_.front()) {
            case '{':
                out.kind = JsonKind::object;
                return depth < limits_.depth ? children(out, '}', depth + 1) : expect("less nesting");
            case '[':
                out.kind = JsonKind::array;
                return depth < limits_.depth ? children(out, ']', depth + 1) : expect("less nesting");
            case '"':
                out.kind = JsonKind::text;
                return string(out.text);
            case 't':
                out.kind = JsonKind::boolean;
                out.truth = true;
                return literal("true");
            case 'f':
                out.kind = JsonKind::boolean;
                return literal("false");
            case 'n':
                return literal("null");
            default:
                out.kind = JsonKind::number;
                return number(out.text);
        }
    }

    bool string(std::string_view& out) {
        bool escaped = false;
        const std::size_t length = scan_string(rest_, escaped);
        if (length == 0) return expect("a well-formed UTF-8 string");
        const auto inside = rest_.substr(1, length - 2);
        if (escaped) {
            auto* copy = static_cast<char*>(memory_.allocate(inside.size(), 1));
            out = {copy, unescape(inside, copy)};
        } else {
            out = inside;
        }
        rest_.remove_prefix(length);
        return true;
    }

    bool number(std::string_view& out) {
        const std::size_t length = scan_number(rest_);
        if (length == 0) return expect("a value");
        out = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return true;
    }

    bool children(JsonValue& out, char closing, std::size_t depth) {
        rest_.remove_prefix(1);
        const std::size_t base = stack_.size();
        if (!take(closing)) {
            do {
                JsonMember member;
                if (closing == '}' && !name(member.name)) return false;
                if (!value(member.value, depth)) return false;
                stack_.push_back(member);
            } while (take(','));
            if (!take(closing)) return expect(closing == '}' ? "',' or '}'" : "',' or ']'");
        }
        keep(out, base);
        return true;
    }

    bool name(std::string_view& out) {
        skip_space();
        if (!rest_.starts_with('"')) return expect("a member's name");
        if (!string(out)) return false;
        return take(':') || expect("':'");
    }

    /// Moves the finished children from the stack to the document's memory.
    void keep(JsonValue& out, std::size_t base) {
        const std::size_t count = stack_.size() - base;
        if (count == 0) return;
        auto* copy = static_cast<JsonMember*>(memory_.allocate(count * sizeof(JsonMember), alignof(JsonMember)));
        std::uninitialized_copy(stack_.begin() + static_cast<std::ptrdiff_t>(base), stack_.end(), copy);
        stack_.resize(base);
        out.children = copy;
        out.count = static_cast<std::uint32_t>(count);
    }

    std::string_view text_;
    std::string_view rest_;
    std::pmr::memory_resource& memory_;
    JsonLimits limits_;
    std::vector<JsonMember> stack_;
    std::size_t values_ = 0;
    std::string_view expected_ = "a value";
};

/// A number literal taken apart: sign, digits without the point, and the power of ten of the last digit.
struct Digits {
    bool negative = false;
    std::string text;
    std::int64_t exponent = 0;
};

std::optional<Digits> take_apart(std::string_view literal) {
    if (scan_number(literal) != literal.size() || literal.empty()) return std::nullopt;
    Digits digits;
    if (literal.front() == '-') {
        digits.negative = true;
        literal.remove_prefix(1);
    }
    bool fraction = false;
    while (!literal.empty() && literal.front() != 'e' && literal.front() != 'E') {
        if (literal.front() == '.') {
            fraction = true;
        } else {
            digits.text += literal.front();
            if (fraction) --digits.exponent;
        }
        literal.remove_prefix(1);
    }
    if (!literal.empty()) {
        literal.remove_prefix(literal[1] == '+' ? 2 : 1);
        int exponent = 0;
        const auto [end, error] = std::from_chars(literal.data(), literal.data() + literal.size(), exponent);
        if (error != std::errc{}) exponent = literal.front() == '-' ? -1'000'000 : 1'000'000;
        digits.exponent += exponent;
    }
    const auto first = digits.text.find_first_not_of('0');
    digits.text.erase(0, first == std::string::npos ? digits.text.size() : first);
    return digits;
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
    if (kind != JsonKind::object) return nullptr;
    for (std::size_t i = count; i > 0; --i) {
        if (children[i - 1].name == name) return &children[i - 1].value;
    }
    return nullptr;
}

Result<const JsonValue*> JsonDocument::parse(std::string_view text, JsonLimits limits) {
    auto root = Parser(text, memory_, limits).run();
    if (!root) return std::unexpected(std::move(root.error()));
    root_ = *root;
    return &root_;
}

std::optional<std::string> leading_json_string(std::string_view text) {
    if (!text.starts_with('"')) return std::nullopt;
    bool escaped = false;
    const std::size_t length = scan_string(text, escaped);
    if (length == 0) return std::nullopt;
    const auto inside = text.substr(1, length - 2);
    std::string content(inside.size(), '\0');
    content.resize(unescape(inside, content.data()));
    return content;
}

std::size_t code_points(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return count;
}

std::optional<std::int64_t> whole_number(std::string_view literal) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(literal.data(), literal.data() + literal.size(), value);
    if (error == std::errc{} && end == literal.data() + literal.size()) return value;
    bool exact = false;
    const auto scaled = scaled_number(literal, 0, &exact);
    return exact ? scaled : std::nullopt;
}

std::optional<std::int64_t> scaled_number(std::string_view literal, int digits, bool* exact) {
    if (exact != nullptr) *exact = false;
    auto parts = take_apart(literal);
    if (!parts) return std::nullopt;
    if (parts->text.empty()) {
        if (exact != nullptr) *exact = true;
        return 0;
    }
    const std::int64_t shift = parts->exponent + digits;
    bool round_up = false;
    bool nothing_lost = true;
    if (shift < 0) {
        const auto drop = static_cast<std::size_t>(std::min<std::int64_t>(-shift, 1'000'000));
        const std::size_t kept = drop >= parts->text.size() ? 0 : parts->text.size() - drop;
        nothing_lost = parts->text.find_first_not_of('0', kept) == std::string::npos;
        round_up = drop <= parts->text.size() && parts->text[kept] >= '5';
        parts->text.resize(kept);
    } else {
        if (shift > 20) return std::nullopt;
        parts->text.append(static_cast<std::size_t>(shift), '0');
    }
    std::int64_t value = 0;
    if (!parts->text.empty()) {
        const auto* end = parts->text.data() + parts->text.size();
        const auto result = std::from_chars(parts->text.data(), end, value);
        if (result.ec != std::errc{} || value == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    }
    if (round_up) ++value;
    if (exact != nullptr) *exact = nothing_lost;
    return parts->negative ? -value : value;
}

}  // namespace tianqu::ocpp
