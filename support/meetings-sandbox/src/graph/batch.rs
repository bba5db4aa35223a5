//! `POST /$batch`: up to twenty requests in one.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use serde_json::{Map, Value, json};

use super::{Answer, Failure, Turn, answer, route};
use crate::serve::{Call, Reply};

const MOST_REQUESTS: usize = 20;

pub(super) fn run(turn: &mut Turn<'_>) -> Answer {
    let body = turn.body()?;
    let requests = body.get("requests").and_then(Value::as_array).cloned().unwrap_or_default();
    if requests.is_empty() || requests.len() > MOST_REQUESTS {
        return Err(Failure::bad_request("BadRequest", "A batch holds 1 to 20 requests."));
    }
    let mut ids: Vec<String> = requests.iter().map(|r| r["id"].as_str().unwrap_or_default().to_lowercase()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != requests.len() || ids.iter().any(String::is_empty) {
        return Err(Failure::bad_request("BadRequest", "Request ids must be unique and not empty."));
    }
    let mut responses: Vec<Value> = Vec::new();
    for request in &requests {
        let failed =
            |id: &Value| responses.iter().any(|r| r["id"] == *id && r["status"].as_u64().is_some_and(|s| s >= 400));
        let depends = request["dependsOn"].as_array().cloned().unwrap_or_default();
        let response = if depends.iter().any(failed) {
            failed_dependency(&request["id"])
        } else {
            let call = inner_call(turn.call, request)?;
            let route = route(&call);
            if route.operation == "graph.batch" {
                return Err(Failure::bad_request("BadRequest", "Batches can't be nested."));
            }
            shape(&request["id"], answer(turn.world, &call, &route))
        };
        responses.push(response);
    }
    Ok(Reply::json(StatusCode::OK, &json!({ "responses": responses })))
}

/// The inner request as a call of its own: the bearer is the outer one's, all other headers are its own.
fn inner_call(outer: &Call, request: &Value) -> Result<Call, Failure> {
    let bad = |what: &str| Failure::bad_request("BadRequest", format!("Invalid batch payload: {what}."));
    let method = request["method"].as_str().and_then(|m| Method::from_bytes(m.to_uppercase().as_bytes()).ok());
    let method = method.ok_or_else(|| bad("method"))?;
    let url = request["url"].as_str().ok_or_else(|| bad("url"))?;
    let mut headers = HeaderMap::new();
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        let name = HeaderName::from_bytes(name.to_lowercase().as_bytes()).map_err(|_| bad("headers"))?;
        let value = HeaderValue::from_str(value.as_str().unwrap_or_default()).map_err(|_| bad("headers"))?;
        headers.append(name, value);
    }
    let body = request.get("body").filter(|body| !body.is_null());
    if body.is_some() && !headers.contains_key(header::CONTENT_TYPE) {
        return Err(bad("a body needs a Content-Type header"));
    }
    if let Some(authorization) = outer.headers.get(header::AUTHORIZATION) {
        headers.insert(header::AUTHORIZATION, authorization.clone());
    }
    let mut inner = Request::new(body.map_or_else(Default::default, |body| body.to_string().into()));
    *inner.method_mut() = method;
    *inner.uri_mut() = format!("/v1.0/{}", url.trim_start_matches('/')).parse().map_err(|_| bad("url"))?;
    *inner.headers_mut() = headers;
    Ok(Call::new(inner, &outer.origin))
}

fn shape(id: &Value, reply: Reply) -> Value {
    let headers: Map<String, Value> =
        reply.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let mut response = json!({ "id": id, "status": reply.status.as_u16(), "headers": headers });
    if let Ok(body) = serde_json::from_slice::<Value>(&reply.body) {
        response["body"] = body;
    }
    response
}

fn failed_dependency(id: &Value) -> Value {
    let message = "The request could not be performed because the request it depends on failed.";
    json!({ "id": id, "status": 424, "headers": {}, "body": { "error": { "code": "FailedDependency", "message": message } } })
}
