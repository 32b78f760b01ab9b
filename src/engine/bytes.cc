/* SPDX-License-Identifier: MIT */
/* Bytes that cross the wall: always copied out of the guest's buffers, and into them; only fresh memory of ours is
 * handed over whole. Shared and wasm memory is never pointed at: another thread, or a grow, could move it. */
#include "engine/v8_meter.h"

namespace {

struct Span {
    std::shared_ptr<v8::BackingStore> store;
    size_t offset = 0;
    size_t len = 0;
};

bool span_of(eng_val_t v, Span *out) {
    v8::Local<v8::Value> value = to_v8(v);
    if (value.IsEmpty()) {
        return false;
    }
    if (value->IsArrayBufferView()) {
        v8::Local<v8::ArrayBufferView> view = value.As<v8::ArrayBufferView>();
        v8::Local<v8::Value> buffer = view->Buffer();
        if (!buffer->IsArrayBuffer()) {
            return false; /* over shared memory */
        }
        out->store = buffer.As<v8::ArrayBuffer>()->GetBackingStore();
        out->offset = view->ByteOffset();
        out->len = view->ByteLength();
    } else if (value->IsArrayBuffer()) {
        out->store = value.As<v8::ArrayBuffer>()->GetBackingStore();
        out->len = out->store ? out->store->ByteLength() : 0;
    } else {
        return false;
    }
    size_t have = out->store ? out->store->ByteLength() : 0;
    return out->offset <= have && out->len <= have - out->offset;
}

void free_copy(void *data, size_t, void *) {
    cay__free(data);
}

} // namespace

bool eng_is_string(eng_val_t v) {
    return !eng_is_none(v) && to_v8(v)->IsString();
}

size_t eng_bytes_length(eng_isolate_t *, eng_val_t v) {
    Span s;
    return span_of(v, &s) ? s.len : SIZE_MAX;
}

int eng_bytes_copy(eng_isolate_t *, eng_val_t v, cay_blob_t *out) {
    Span s;
    if (!span_of(v, &s)) {
        return CAY_EINVAL;
    }
    void *copy = cay__malloc(s.len + 1);
    if (!copy) {
        return CAY_ENOMEM;
    }
    if (s.len) {
        std::memcpy(copy, static_cast<char *>(s.store->Data()) + s.offset, s.len);
    }
    *out = {copy, s.len, free_copy, nullptr};
    return 0;
}

int eng_bytes_write(eng_isolate_t *, eng_val_t v, size_t at, const void *from, size_t len) {
    Span s;
    if (!span_of(v, &s) || at > s.len || len > s.len - at) {
        return CAY_EINVAL;
    }
    if (len) {
        std::memcpy(static_cast<char *>(s.store->Data()) + s.offset + at, from, len);
    }
    return 0;
}

eng_val_t eng_buffer(eng_isolate_t *iso, cay_blob_t *blob) {
    v8::Local<v8::ArrayBuffer> b = iso->meter->move_in(blob);
    return b.IsEmpty() ? eng_undefined(iso) : to_eng(b);
}

eng_val_t eng_uint8array(eng_isolate_t *iso, cay_blob_t *blob) {
    v8::Local<v8::ArrayBuffer> b = iso->meter->move_in(blob);
    return b.IsEmpty() ? eng_undefined(iso) : to_eng(v8::Uint8Array::New(b, 0, b->ByteLength()));
}
