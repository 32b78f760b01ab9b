/* SPDX-License-Identifier: MIT */
/* Values, ops and calls of the glue. */
#include <cmath>
#include <cstdarg>
#include <cstdio>

#include "engine/v8_internal.h"

namespace {

const eng_op_t *op_table;
size_t op_count;
const int kTag = 0; /* its address marks our API objects */

} // namespace

v8::Local<v8::Value> eng__coded_error(v8::Isolate *v8, int code, v8::Local<v8::String> text) {
    v8::Local<v8::Value> e = v8::Exception::Error(text);
    /* Fails only while terminating, when nobody will see the error. */
    e.As<v8::Object>()
        ->CreateDataProperty(v8->GetCurrentContext(), eng__str(v8, "code"),
                             eng__str(v8, cay_error_name(code)))
        .FromMaybe(false);
    return e;
}

v8::Local<v8::String> eng__str(v8::Isolate *v8, const char *s) {
    v8::Local<v8::String> out;
    if (!v8::String::NewFromUtf8(v8, s).ToLocal(&out)) {
        return v8::String::Empty(v8);
    }
    return out;
}

char *eng__text(v8::Isolate *v8, v8::Local<v8::Value> v, size_t *len) {
    if (v.IsEmpty() || !v->IsString()) {
        return nullptr;
    }
    v8::Local<v8::String> s = v.As<v8::String>();
    size_t size = static_cast<size_t>(s->Utf8Length(v8));
    char *out = static_cast<char *>(cay__malloc(size + 1));
    if (!out) {
        return nullptr;
    }
    int n = s->WriteUtf8(v8, out, static_cast<int>(size), nullptr,
                         v8::String::NO_NULL_TERMINATION | v8::String::REPLACE_INVALID_UTF8);
    out[n] = 0;
    if (len) {
        *len = static_cast<size_t>(n);
    }
    return out;
}

/* ---- ops ---- */

void eng__set_ops(const eng_op_t *ops, size_t count) {
    op_table = ops;
    op_count = count;
}

void eng__trampoline(const v8::FunctionCallbackInfo<v8::Value> &info) {
    v8::Isolate *v8 = info.GetIsolate();
    eng_isolate_t *iso = isolate_of(v8);
    uint32_t index = info.Data().As<v8::Integer>()->Value() & 0xffff;
    if (!iso || index >= op_count || v8->IsExecutionTerminating()) {
        return;
    }
    Outside out(iso);
    eng_call_t call = {&info, iso};
    op_table[index].fn(&call);
}

v8::Local<v8::Object> eng__ops_object(v8::Isolate *v8, v8::Local<v8::Context> context,
                                      const eng_op_t *ops, size_t count) {
    v8::Local<v8::Object> out = v8::Object::New(v8, v8::Null(v8), nullptr, nullptr, 0);
    for (size_t i = 0; i < count; i++) {
        v8::Local<v8::FunctionTemplate> t = v8::FunctionTemplate::New(
            v8, eng__trampoline, v8::Integer::New(v8, static_cast<int>(i)),
            v8::Local<v8::Signature>(), ops[i].argc, v8::ConstructorBehavior::kThrow);
        t->RemovePrototype();
        v8::Local<v8::Function> fn = t->GetFunction(context).ToLocalChecked();
        v8::Local<v8::String> name = eng__str(v8, ops[i].name);
        fn->SetName(name);
        out->CreateDataProperty(context, name, fn).Check();
    }
    return out;
}

eng_isolate_t *eng_call_isolate(eng_call_t *c) {
    return c->iso;
}

eng_host_t *eng_call_host(eng_call_t *c) {
    return c->iso->host;
}

eng_val_t eng_arg(eng_call_t *c, int i) {
    return to_eng((*c->info)[i]);
}

void eng_ret(eng_call_t *c, eng_val_t v) {
    if (!eng_is_none(v)) {
        c->info->GetReturnValue().Set(to_v8(v));
    }
}

CAY_PRINTF(1, 0) static char *format(const char *fmt, va_list args) {
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(nullptr, 0, fmt, again);
    va_end(again);
    char *text = n < 0 ? nullptr : static_cast<char *>(cay__malloc(static_cast<size_t>(n) + 1));
    if (text) {
        vsnprintf(text, static_cast<size_t>(n) + 1, fmt, args);
    }
    return text;
}

void eng_throw(eng_call_t *c, int code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    char *text = format(fmt, args);
    va_end(args);
    v8::Isolate *v8 = c->iso->v8;
    v8->ThrowException(
        eng__coded_error(v8, code, eng__str(v8, text ? text : cay_error_text(code))));
    cay__free(text);
}

void eng_throw_type(eng_call_t *c, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    char *text = format(fmt, args);
    va_end(args);
    c->iso->v8->ThrowException(
        v8::Exception::TypeError(eng__str(c->iso->v8, text ? text : "out of memory")));
    cay__free(text);
}

void eng_queue_microtask(eng_isolate_t *iso, eng_val_t fn) {
    v8::Local<v8::Value> f = to_v8(fn);
    if (f->IsFunction()) {
        iso->v8->EnqueueMicrotask(f.As<v8::Function>());
    }
}

/* ---- values ---- */

eng_val_t eng_undefined(eng_isolate_t *iso) {
    return to_eng(v8::Undefined(iso->v8));
}

eng_val_t eng_null(eng_isolate_t *iso) {
    return to_eng(v8::Null(iso->v8));
}

eng_val_t eng_bool(eng_isolate_t *iso, bool v) {
    return to_eng(v8::Boolean::New(iso->v8, v));
}

eng_val_t eng_number(eng_isolate_t *iso, double v) {
    return to_eng(v8::Number::New(iso->v8, v));
}

/* Most text is ASCII, and V8 takes that much faster when it is told so. */
static bool is_ascii(const char *s, size_t len) {
    uint64_t bits = 0;
    size_t i = 0;
    for (; i + 32 <= len && !(bits & 0x8080808080808080u); i += 32) {
        uint64_t w[4];
        std::memcpy(w, s + i, sizeof w);
        bits = w[0] | w[1] | w[2] | w[3];
    }
    for (; i < len; i++) {
        bits |= static_cast<uint64_t>(static_cast<unsigned char>(s[i]) & 0x80);
    }
    return !(bits & 0x8080808080808080u);
}

eng_val_t eng_string(eng_isolate_t *iso, const char *s, size_t len) {
    v8::Local<v8::String> out;
    if (len > static_cast<size_t>(v8::String::kMaxLength)) {
        return eng_undefined(iso);
    }
    int n = static_cast<int>(len);
    v8::NewStringType kind = v8::NewStringType::kNormal;
    bool ok =
        is_ascii(s, len)
            ? v8::String::NewFromOneByte(iso->v8, reinterpret_cast<const uint8_t *>(s), kind, n)
                  .ToLocal(&out)
            : v8::String::NewFromUtf8(iso->v8, s, kind, n).ToLocal(&out);
    return ok ? to_eng(out) : eng_undefined(iso);
}

eng_val_t eng_text(eng_isolate_t *iso, const char *s) {
    return s ? eng_string(iso, s, std::strlen(s)) : eng_null(iso);
}

eng_val_t eng_array(eng_isolate_t *iso, const eng_val_t *items, size_t count) {
    static_assert(sizeof(eng_val_t) == sizeof(v8::Local<v8::Value>), "same layout");
    std::vector<v8::Local<v8::Value>> list(count);
    for (size_t i = 0; i < count; i++) {
        list[i] = to_v8(items[i]);
    }
    return to_eng(v8::Array::New(iso->v8, list.data(), count));
}

eng_val_t eng_object(eng_isolate_t *iso, const char *const *keys, const eng_val_t *values,
                     size_t count) {
    std::vector<v8::Local<v8::Name>> names(count);
    std::vector<v8::Local<v8::Value>> items(count);
    for (size_t i = 0; i < count; i++) {
        names[i] = v8::String::NewFromUtf8(iso->v8, keys[i], v8::NewStringType::kInternalized)
                       .ToLocalChecked();
        items[i] = to_v8(values[i]);
    }
    return to_eng(v8::Object::New(iso->v8, v8::Null(iso->v8), names.data(), items.data(), count));
}

eng_val_t eng_host_object(eng_isolate_t *iso, uint32_t kind, uint32_t rid) {
    v8::Local<v8::ObjectTemplate> t;
    if (iso->host_object.IsEmpty()) {
        t = v8::ObjectTemplate::New(iso->v8);
        t->SetInternalFieldCount(FIELD_COUNT);
        iso->host_object.Reset(iso->v8, t);
    } else {
        t = iso->host_object.Get(iso->v8);
    }
    v8::Local<v8::Object> o;
    if (!t->NewInstance(iso->local_context()).ToLocal(&o)) {
        return ENG_NONE;
    }
    o->SetAlignedPointerInInternalField(FIELD_TAG, const_cast<int *>(&kTag));
    o->SetInternalField(FIELD_KIND, v8::Integer::NewFromUnsigned(iso->v8, kind));
    o->SetInternalField(FIELD_RID, v8::Integer::NewFromUnsigned(iso->v8, rid));
    return to_eng(o);
}

bool eng__host_object(v8::Local<v8::Object> o, uint32_t *kind, uint32_t *rid) {
    if (o->InternalFieldCount() != FIELD_COUNT ||
        o->GetAlignedPointerFromInternalField(FIELD_TAG) != &kTag) {
        return false;
    }
    *kind = o->GetInternalField(FIELD_KIND).As<v8::Uint32>()->Value();
    *rid = o->GetInternalField(FIELD_RID).As<v8::Uint32>()->Value();
    return true;
}

bool eng_is_undefined(eng_val_t v) {
    return eng_is_none(v) || to_v8(v)->IsUndefined();
}

bool eng_is_function(eng_val_t v) {
    return !eng_is_none(v) && to_v8(v)->IsFunction();
}

bool eng_to_bool(eng_isolate_t *iso, eng_val_t v) {
    return !eng_is_none(v) && to_v8(v)->BooleanValue(iso->v8);
}

double eng_to_number(eng_val_t v) {
    v8::Local<v8::Value> value = to_v8(v);
    return !value.IsEmpty() && value->IsNumber() ? value.As<v8::Number>()->Value() : std::nan("");
}

uint32_t eng_to_u32(eng_val_t v) {
    double d = eng_to_number(v);
    return d >= 0 && d <= 4294967295.0 ? static_cast<uint32_t>(d) : 0;
}

char *eng_to_text(eng_isolate_t *iso, eng_val_t v, size_t *len) {
    return eng__text(iso->v8, to_v8(v), len);
}

eng_ref_t *eng_ref_new(eng_isolate_t *iso, eng_val_t v) {
    eng_ref_t *r = new (std::nothrow) eng_ref_t();
    if (r) {
        r->value.Reset(iso->v8, to_v8(v));
    }
    return r;
}

eng_val_t eng_ref_get(eng_isolate_t *iso, const eng_ref_t *r) {
    return to_eng(r->value.Get(iso->v8));
}

void eng_ref_drop(eng_ref_t *r) {
    delete r;
}

/* ---- for inspection ---- */

eng_val_t eng_promise_details(eng_isolate_t *iso, eng_val_t v) {
    v8::Local<v8::Value> value = to_v8(v);
    if (!value->IsPromise()) {
        return eng_undefined(iso);
    }
    v8::Local<v8::Promise> p = value.As<v8::Promise>();
    eng_val_t pair[2] = {eng_number(iso, p->State()), p->State() == v8::Promise::kPending
                                                          ? eng_undefined(iso)
                                                          : to_eng(p->Result())};
    return eng_array(iso, pair, 2);
}

eng_val_t eng_proxy_details(eng_isolate_t *iso, eng_val_t v) {
    v8::Local<v8::Value> value = to_v8(v);
    if (!value->IsProxy()) {
        return eng_undefined(iso);
    }
    v8::Local<v8::Proxy> p = value.As<v8::Proxy>();
    eng_val_t pair[2] = {to_eng(p->GetTarget()), to_eng(p->GetHandler())};
    return eng_array(iso, pair, 2);
}

eng_val_t eng_preview_entries(eng_isolate_t *iso, eng_val_t v) {
    v8::Local<v8::Value> value = to_v8(v);
    bool is_key_value = false;
    v8::Local<v8::Array> entries;
    if (!value->IsObject() ||
        !value.As<v8::Object>()->PreviewEntries(&is_key_value).ToLocal(&entries)) {
        return eng_undefined(iso);
    }
    eng_val_t pair[2] = {to_eng(entries), eng_bool(iso, is_key_value)};
    return eng_array(iso, pair, 2);
}

eng_val_t eng_constructor_name(eng_isolate_t *iso, eng_val_t v) {
    v8::Local<v8::Value> value = to_v8(v);
    if (!value->IsObject()) {
        return eng_undefined(iso);
    }
    return to_eng(value.As<v8::Object>()->GetConstructorName());
}

/* ---- calling the glue ---- */

int eng_boot(eng_isolate_t *iso, eng_val_t config, eng_fault_t *fault) {
    v8::HandleScope handles(iso->v8);
    v8::Local<v8::Context> context = iso->local_context();
    v8::TryCatch tc(iso->v8);
    v8::Local<v8::Value> arg = to_v8(config);
    v8::Local<v8::Value> made;
    Inside in(iso);
    if (!iso->boot.Get(iso->v8)->Call(context, v8::Undefined(iso->v8), 1, &arg).ToLocal(&made)) {
        return eng__caught(iso, &tc, fault);
    }
    iso->boot.Reset();
    for (uint32_t i = 0; i < ENG_DISPATCH_COUNT; i++) {
        v8::Local<v8::Value> f;
        if (!made->IsArray() || !made.As<v8::Array>()->Get(context, i).ToLocal(&f) ||
            !f->IsFunction()) {
            return CAY_EENGINE;
        }
        iso->dispatch[i].Reset(iso->v8, f.As<v8::Function>());
    }
    return 0;
}

int eng_dispatch(eng_isolate_t *iso, int which, const eng_val_t *argv, int argc, eng_val_t *out,
                 eng_fault_t *fault) {
    v8::EscapableHandleScope handles(iso->v8);
    v8::TryCatch tc(iso->v8);
    v8::Local<v8::Value> args[8];
    for (int i = 0; i < argc; i++) {
        args[i] = to_v8(argv[i]);
    }
    v8::Local<v8::Value> result;
    Inside in(iso);
    if (!iso->dispatch[which]
             .Get(iso->v8)
             ->Call(iso->local_context(), v8::Undefined(iso->v8), argc, args)
             .ToLocal(&result)) {
        return eng__caught(iso, &tc, fault);
    }
    if (out) {
        *out = to_eng(handles.Escape(result));
    }
    return 0;
}
