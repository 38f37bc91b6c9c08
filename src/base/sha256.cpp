#include "base/sha256.hpp"

#include <openssl/evp.h>

#include <memory>

#include "base/assertion.hpp"

namespace tianqu {

Sha256 sha256(std::string_view first, std::string_view second) {
    thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                                       EVP_MD_CTX_free};
    TIANQU_ASSERT(context != nullptr);
    Sha256 hash{};
    unsigned int size = 0;
    const bool done = EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1 &&
                      EVP_DigestUpdate(context.get(), first.data(), first.size()) == 1 &&
                      EVP_DigestUpdate(context.get(), second.data(), second.size()) == 1 &&
                      EVP_DigestFinal_ex(context.get(), hash.data(), &size) == 1;
    TIANQU_ASSERT(done && size == hash.size());
    return hash;
}

std::string to_hex(const Sha256& hash) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(hash.size() * 2);
    for (const auto byte : hash) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string_view as_bytes(const Sha256& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

}  // namespace tianqu
