/* SPDX-License-Identifier: MIT */
/* Module records. Which source belongs to a specifier is the driver's business: it compiles, tells each
 * request's target while linking, and settles import(). */
#include "engine/v8_internal.h"

namespace {

eng_module_t *find(eng_isolate_t *iso, v8::Local<v8::Module> module) {
    auto range = iso->modules.equal_range(module->GetIdentityHash());
    for (auto at = range.first; at != range.second; ++at) {
        if (at->second->module == module) {
            return at->second;
        }
    }
    return nullptr;
}

/* The value of the `type` attribute, null when there is none. `stride` is the width of an entry. */
v8::Local<v8::Value> type_attribute(v8::Isolate *v8, v8::Local<v8::Context> context,
                                    v8::Local<v8::FixedArray> list, int stride,
                                    v8::Local<v8::Value> *unknown_key) {
    v8::Local<v8::Value> type = v8::Null(v8);
    v8::Local<v8::String> wanted = eng__str(v8, "type");
    for (int i = 0; i + 1 < list->Length(); i += stride) {
        v8::Local<v8::Value> key = list->Get(context, i).As<v8::Value>();
        if (key->StrictEquals(wanted)) {
            type = list->Get(context, i + 1).As<v8::Value>();
        } else if (unknown_key) {
            *unknown_key = key;
        }
    }
    return type;
}

v8::MaybeLocal<v8::Value> json_steps(v8::Local<v8::Context> context, v8::Local<v8::Module> module) {
    v8::Isolate *v8 = context->GetIsolate();
    eng_module_t *m = find(isolate_of(v8), module);
    if (!m || module->SetSyntheticModuleExport(v8, eng__str(v8, "default"), m->json.Get(v8))
                  .IsNothing()) {
        return {};
    }
    v8::Local<v8::Promise::Resolver> done;
    if (!v8::Promise::Resolver::New(context).ToLocal(&done) ||
        done->Resolve(context, v8::Undefined(v8)).IsNothing()) {
        return {};
    }
    return done->GetPromise();
}

v8::MaybeLocal<v8::Module> resolve(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                   v8::Local<v8::FixedArray> assertions,
                                   v8::Local<v8::Module> referrer) {
    v8::Isolate *v8 = context->GetIsolate();
    eng_isolate_t *iso = isolate_of(v8);
    eng_module_t *from = find(iso, referrer);
    char *text = eng__text(v8, specifier, nullptr);
    char *type = eng__text(v8, type_attribute(v8, context, assertions, 3, nullptr), nullptr);
    eng_module_t *to = nullptr;
    if (from && text) {
        Outside out(iso);
        to = iso->ops->resolve(iso->host, from, text, type ? ENG_MODULE_JSON : ENG_MODULE_JS);
    }
    cay__free(type);
    cay__free(text);
    if (!to) {
        v8->ThrowException(v8::Exception::Error(eng__str(v8, "a module of the graph is missing")));
        return {};
    }
    return to->module.Get(v8);
}

eng_module_t *remember(eng_isolate_t *iso, v8::Local<v8::Module> module,
                       v8::Local<v8::String> url) {
    eng_module_t *m = new (std::nothrow) eng_module_t();
    if (m) {
        m->iso = iso;
        m->module.Reset(iso->v8, module);
        m->url.Reset(iso->v8, url);
        iso->modules.emplace(module->GetIdentityHash(), m);
    }
    return m;
}

v8::MaybeLocal<v8::Module> compile_json(eng_isolate_t *iso, v8::Local<v8::String> name,
                                        v8::Local<v8::String> source,
                                        v8::Local<v8::Value> *parsed) {
    if (!v8::JSON::Parse(iso->local_context(), source).ToLocal(parsed)) {
        return {};
    }
    return v8::Module::CreateSyntheticModule(iso->v8, name, {eng__str(iso->v8, "default")},
                                             json_steps);
}

v8::MaybeLocal<v8::Module> compile_js(eng_isolate_t *iso, v8::Local<v8::String> name,
                                      v8::Local<v8::String> text) {
    v8::ScriptOrigin origin(iso->v8, name, 0, 0, false, -1, v8::Local<v8::Value>(), false, false,
                            true);
    v8::ScriptCompiler::Source source(text, origin);
    return v8::ScriptCompiler::CompileModule(iso->v8, &source);
}

} // namespace

void eng__modules_free(eng_isolate_t *iso) {
    for (auto &entry : iso->modules) {
        delete entry.second;
    }
    iso->modules.clear();
}

int eng_module_compile(eng_isolate_t *iso, const char *url, const char *source, size_t len,
                       eng_module_type_t type, eng_module_t **out, eng_fault_t *fault) {
    v8::HandleScope handles(iso->v8);
    v8::TryCatch tc(iso->v8);
    Inside in(iso);
    v8::Local<v8::String> text;
    if (len > static_cast<size_t>(v8::String::kMaxLength) ||
        !v8::String::NewFromUtf8(iso->v8, source, v8::NewStringType::kNormal, static_cast<int>(len))
             .ToLocal(&text)) {
        return CAY_ELIMIT;
    }
    v8::Local<v8::String> name = eng__str(iso->v8, url);
    v8::Local<v8::Value> parsed;
    v8::Local<v8::Module> module;
    bool ok = type == ENG_MODULE_JSON ? compile_json(iso, name, text, &parsed).ToLocal(&module)
                                      : compile_js(iso, name, text).ToLocal(&module);
    if (!ok) {
        int rc = eng__caught(iso, &tc, fault);
        return rc == CAY_EGUEST ? CAY_ESYNTAX : rc;
    }
    eng_module_t *m = remember(iso, module, name);
    if (!m) {
        return CAY_ENOMEM;
    }
    if (!parsed.IsEmpty()) {
        m->json.Reset(iso->v8, parsed);
    }
    *out = m;
    return 0;
}

void *eng_module_tag(const eng_module_t *m) {
    return m->tag;
}

void eng_module_set_tag(eng_module_t *m, void *tag) {
    m->tag = tag;
}

size_t eng_module_request_count(eng_isolate_t *iso, eng_module_t *m) {
    v8::HandleScope handles(iso->v8);
    v8::Local<v8::Module> module = m->module.Get(iso->v8);
    return module->IsSyntheticModule() ? 0
                                       : static_cast<size_t>(module->GetModuleRequests()->Length());
}

int eng_module_request(eng_isolate_t *iso, eng_module_t *m, size_t i, char **specifier, char **type,
                       uint32_t *line, uint32_t *column) {
    v8::HandleScope handles(iso->v8);
    v8::Local<v8::Context> context = iso->local_context();
    v8::Local<v8::Module> module = m->module.Get(iso->v8);
    v8::Local<v8::ModuleRequest> request =
        module->GetModuleRequests()->Get(context, static_cast<int>(i)).As<v8::ModuleRequest>();
    v8::Location at = module->SourceOffsetToLocation(request->GetSourceOffset());
    *line = static_cast<uint32_t>(at.GetLineNumber()) + 1;
    *column = static_cast<uint32_t>(at.GetColumnNumber()) + 1;
    v8::Local<v8::Value> unknown;
    v8::Local<v8::Value> attribute =
        type_attribute(iso->v8, context, request->GetImportAssertions(), 3, &unknown);
    *type = eng__text(iso->v8, attribute, nullptr);
    if (!unknown.IsEmpty()) {
        cay__free(*type);
        *type = nullptr;
        *specifier = eng__text(iso->v8, unknown, nullptr);
        return CAY_ENOTSUP;
    }
    *specifier = eng__text(iso->v8, request->GetSpecifier(), nullptr);
    return *specifier ? 0 : CAY_ENOMEM;
}

int eng_module_link(eng_isolate_t *iso, eng_module_t *m, eng_fault_t *fault) {
    v8::HandleScope handles(iso->v8);
    v8::TryCatch tc(iso->v8);
    Inside in(iso);
    if (m->module.Get(iso->v8)->InstantiateModule(iso->local_context(), resolve).FromMaybe(false)) {
        return 0;
    }
    int rc = eng__caught(iso, &tc, fault);
    return rc == CAY_EGUEST ? CAY_ESYNTAX : rc;
}

int eng_module_evaluate(eng_isolate_t *iso, eng_module_t *m, eng_fault_t *fault) {
    if (iso->stop.load(std::memory_order_acquire)) {
        return CAY_ETERMINATED;
    }
    v8::HandleScope handles(iso->v8);
    v8::TryCatch tc(iso->v8);
    Inside in(iso);
    v8::Local<v8::Value> result;
    if (!m->module.Get(iso->v8)->Evaluate(iso->local_context()).ToLocal(&result)) {
        return eng__caught(iso, &tc, fault);
    }
    if (result->IsPromise()) {
        result.As<v8::Promise>()->MarkAsHandled();
        m->state.Reset(iso->v8, result.As<v8::Promise>());
    }
    return tc.HasTerminated() ? CAY_ETERMINATED : 0;
}

eng_settled_t eng_module_state(eng_isolate_t *iso, eng_module_t *m, eng_val_t *reason) {
    if (m->state.IsEmpty()) {
        return ENG_PENDING;
    }
    v8::EscapableHandleScope handles(iso->v8);
    v8::Local<v8::Promise> p = m->state.Get(iso->v8);
    if (p->State() == v8::Promise::kRejected && reason) {
        *reason = to_eng(handles.Escape(p->Result()));
    }
    return p->State() == v8::Promise::kPending     ? ENG_PENDING
           : p->State() == v8::Promise::kFulfilled ? ENG_FULFILLED
                                                   : ENG_REJECTED;
}

/* ---- import() and import.meta ---- */

namespace {

/* Data of both: [resolver, namespace]. */
void import_settled(const v8::FunctionCallbackInfo<v8::Value> &info, bool ok) {
    v8::Isolate *v8 = info.GetIsolate();
    v8::Local<v8::Context> context = v8->GetCurrentContext();
    v8::Local<v8::Array> data = info.Data().As<v8::Array>();
    v8::Local<v8::Value> resolver, ns;
    if (!data->Get(context, 0).ToLocal(&resolver) || !data->Get(context, 1).ToLocal(&ns)) {
        return;
    }
    v8::Local<v8::Promise::Resolver> r = resolver.As<v8::Promise::Resolver>();
    if (ok) {
        r->Resolve(context, ns).FromMaybe(false);
    } else {
        r->Reject(context, info[0]).FromMaybe(false);
    }
}

void import_ok(const v8::FunctionCallbackInfo<v8::Value> &info) {
    import_settled(info, true);
}

void import_failed(const v8::FunctionCallbackInfo<v8::Value> &info) {
    import_settled(info, false);
}

/* Data: [the module's URL]; the specifier is converted once. */
void meta_resolve(const v8::FunctionCallbackInfo<v8::Value> &info) {
    v8::Isolate *v8 = info.GetIsolate();
    eng_isolate_t *iso = isolate_of(v8);
    v8::Local<v8::String> specifier;
    if (!info[0]->ToString(v8->GetCurrentContext()).ToLocal(&specifier)) {
        return;
    }
    char *text = eng__text(v8, specifier, nullptr);
    char *base = eng__text(v8, info.Data(), nullptr);
    cay_error_t *err = nullptr;
    char *url = nullptr;
    if (text && base) {
        Outside out(iso);
        url = iso->ops->meta_resolve(iso->host, text, base, &err);
    }
    if (url) {
        info.GetReturnValue().Set(eng__str(v8, url));
    } else {
        v8->ThrowException(v8::Exception::TypeError(eng__str(v8, cay_error_message(err))));
    }
    cay_error_free(err);
    cay__free(url);
    cay__free(base);
    cay__free(text);
}

v8::Local<v8::Value> named_error(v8::Isolate *v8, const char *name, const char *message) {
    v8::Local<v8::String> text = eng__str(v8, message);
    return std::strcmp(name, "SyntaxError") == 0  ? v8::Exception::SyntaxError(text)
           : std::strcmp(name, "RangeError") == 0 ? v8::Exception::RangeError(text)
                                                  : v8::Exception::TypeError(text);
}

} // namespace

v8::MaybeLocal<v8::Promise> eng__import_dynamic(v8::Local<v8::Context> context,
                                                v8::Local<v8::Data> options,
                                                v8::Local<v8::Value> referrer,
                                                v8::Local<v8::String> specifier,
                                                v8::Local<v8::FixedArray> assertions) {
    (void)options;
    v8::Isolate *v8 = context->GetIsolate();
    eng_isolate_t *iso = isolate_of(v8);
    v8::Local<v8::Promise::Resolver> resolver;
    if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) {
        return {};
    }
    v8::Local<v8::Value> unknown;
    v8::Local<v8::Value> attribute = type_attribute(v8, context, assertions, 2, &unknown);
    char *text = eng__text(v8, specifier, nullptr);
    char *from = eng__text(v8, referrer, nullptr);
    char *type = eng__text(v8, attribute, nullptr);
    eng_ref_t *promise = eng_ref_new(iso, to_eng(resolver));
    if (!text || !promise || !iso->host) {
        eng_ref_drop(promise);
        resolver->Reject(context, named_error(v8, "TypeError", "out of memory")).FromMaybe(false);
    } else if (!unknown.IsEmpty()) {
        eng_import_done(iso, promise, nullptr, ENG_NONE, "TypeError",
                        "import(): 'type' is the only import attribute there is");
    } else {
        Outside out(iso);
        iso->ops->import_dynamic(iso->host, text, from ? from : "", type, promise);
    }
    cay__free(type);
    cay__free(from);
    cay__free(text);
    return resolver->GetPromise();
}

void eng__import_meta(v8::Local<v8::Context> context, v8::Local<v8::Module> module,
                      v8::Local<v8::Object> meta) {
    v8::Isolate *v8 = context->GetIsolate();
    eng_isolate_t *iso = isolate_of(v8);
    eng_module_t *m = iso ? find(iso, module) : nullptr;
    if (!m) {
        return;
    }
    v8::Local<v8::Value> url = m->url.Get(v8);
    meta->CreateDataProperty(context, eng__str(v8, "url"), url).FromMaybe(false);
    v8::Local<v8::Function> fn;
    if (v8::Function::New(context, meta_resolve, url, 1, v8::ConstructorBehavior::kThrow)
            .ToLocal(&fn)) {
        fn->SetName(eng__str(v8, "resolve"));
        meta->CreateDataProperty(context, eng__str(v8, "resolve"), fn).FromMaybe(false);
    }
}

void eng_import_done(eng_isolate_t *iso, eng_ref_t *promise, eng_module_t *m, eng_val_t reason,
                     const char *name, const char *message) {
    v8::HandleScope handles(iso->v8);
    v8::Local<v8::Context> context = iso->local_context();
    v8::Local<v8::Promise::Resolver> resolver =
        promise->value.Get(iso->v8).As<v8::Promise::Resolver>();
    eng_ref_drop(promise);
    if (!m) {
        resolver
            ->Reject(context,
                     eng_is_none(reason) ? named_error(iso->v8, name, message) : to_v8(reason))
            .FromMaybe(false);
        return;
    }
    v8::Local<v8::Value> pair[2] = {resolver, m->module.Get(iso->v8)->GetModuleNamespace()};
    v8::Local<v8::Array> data = v8::Array::New(iso->v8, pair, 2);
    v8::Local<v8::Function> ok, failed;
    v8::TryCatch tc(iso->v8); /* `then` consults Promise's @@species, which may be the guest's */
    if ((!v8::Function::New(context, import_ok, data).ToLocal(&ok) ||
         !v8::Function::New(context, import_failed, data).ToLocal(&failed) ||
         m->state.Get(iso->v8)->Then(context, ok, failed).IsEmpty()) &&
        tc.HasCaught() && !tc.HasTerminated()) {
        resolver->Reject(context, tc.Exception()).FromMaybe(false);
    }
}
