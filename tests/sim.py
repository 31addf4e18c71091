"""Walks a simulated AWS with boto3 and holds every answer against botocore's service models.

Run by tests/sim.rs: sim.py CHECK [WORDS], with the endpoint, region and keys in the environment. Prints a JSON object of
what it saw; a failed assertion ends it with a traceback.
"""

import datetime
import json
import sys

import boto3
import botocore.exceptions
from botocore.config import Config

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 1})


class Pinned:
    """A client whose every answer is held against the service model before botocore parses it."""

    # Codes that any AWS service may answer with and that no operation declares:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
    COMMON = {
        "IncompleteSignature", "IncompleteSignatureException", "InvalidClientTokenId", "InvalidSignatureException",
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", "SerializationException",
        "SignatureDoesNotMatch", "ThrottlingException", "UnknownOperationException", "UnrecognizedClientException",
        "ValidationError",
    }

    def __init__(self, service, **keys):
        self.client = boto3.client(service, config=CONFIG, **keys)
        self.checked = 0
        self.operations = set()
        self.client.meta.events.register(f"before-parse.{service}", self.check)

    def __getattr__(self, name):
        return getattr(self.client, name)

    def check(self, operation_model, response_dict, **_):
        assert response_dict["headers"].get("x-amzn-requestid"), "every answer has a request id"
        if operation_model.metadata["protocol"] != "json":
            return
        body = json.loads(response_dict["body"])
        where = operation_model.name
        if response_dict["status_code"] >= 300:
            declared = {shape.name for shape in operation_model.error_shapes}
            assert body["__type"] in declared | self.COMMON, f"{where}: error {body['__type']} is not declared"
            assert isinstance(body["message"], str), where
        else:
            validate(operation_model.output_shape, body, where)
        self.checked += 1
        self.operations.add(where)


def validate(shape, value, where):
    """Fails unless value is exactly what the model's shape allows."""
    kind = shape.type_name
    if kind == "structure":
        assert isinstance(value, dict), f"{where}: {value!r} is no structure"
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{where}: unknown members {unknown}"
        lacking = set(shape.required_members) - set(value)
        assert not lacking, f"{where}: required members {lacking} are missing"
        for name, member in value.items():
            validate(shape.members[name], member, f"{where}.{name}")
    elif kind == "list":
        assert isinstance(value, list), f"{where}: {value!r} is no list"
        for index, member in enumerate(value):
            validate(shape.member, member, f"{where}[{index}]")
    elif kind == "map":
        assert isinstance(value, dict), f"{where}: {value!r} is no map"
        for key, member in value.items():
            validate(shape.key, key, f"{where} key")
            validate(shape.value, member, f"{where}.{key}")
    elif kind == "string":
        assert isinstance(value, str), f"{where}: {value!r} is no string"
        assert not shape.enum or value in shape.enum, f"{where}: {value!r} is not one of {shape.enum}"
    elif kind in ("integer", "long"):
        assert isinstance(value, int) and not isinstance(value, bool), f"{where}: {value!r} is no {kind}"
        assert kind == "long" or -(2**31) <= value < 2**31, f"{where}: {value} is too large"
    elif kind == "double":
        assert isinstance(value, float), f"{where}: {value!r} is no double"
    elif kind == "boolean":
        assert isinstance(value, bool), f"{where}: {value!r} is no boolean"
    elif kind == "timestamp":
        assert isinstance(value, float), f"{where}: {value!r} is no timestamp in epoch seconds"
        assert datetime.datetime.fromtimestamp(value).year > 2015, f"{where}: {value} is long ago"
    else:
        raise AssertionError(f"{where}: no rule for {kind}")


def paged(client, operation, key, **members):
    """Returns what a botocore paginator gathers, and asserts that nothing comes twice."""
    items = [item for page in client.get_paginator(operation).paginate(**members) for item in page[key]]
    assert len(items) == len(set(items)), f"{operation}: items come twice"
    return items


def chunks(items, size):
    return [items[start : start + size] for start in range(0, len(items), size)]


def walk(page_size=None):
    """Walks everything there is, and returns how much it was."""
    ecs = Pinned("ecs")
    paging = {"PaginationConfig": {"PageSize": page_size}} if page_size else {}
    seen = dict.fromkeys(["clusters", "services", "tasks", "stopped", "containers", "definitions", "instances"], 0)
    clusters = paged(ecs, "list_clusters", "clusterArns", **paging)
    described = {}
    for chunk in chunks(clusters, 100):
        answer = ecs.describe_clusters(
            clusters=chunk, include=["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"]
        )
        assert not answer["failures"], answer["failures"]
        described.update({cluster["clusterArn"]: cluster for cluster in answer["clusters"]})
    assert set(described) == set(clusters)
    definitions = set()
    for cluster in clusters:
        services = paged(ecs, "list_services", "serviceArns", cluster=cluster, **paging)
        counts, active = {}, 0
        for chunk in chunks(services, 10):
            answer = ecs.describe_services(cluster=cluster, services=chunk, include=["TAGS"])
            assert not answer["failures"], answer["failures"]
            for service in answer["services"]:
                assert len(service["events"]) <= 100
                counts[service["serviceName"]] = service["runningCount"]
                active += service["status"] == "ACTIVE"
        assert len(counts) == len(services)
        running = 0
        for status in ["RUNNING", "STOPPED"]:
            tasks = paged(ecs, "list_tasks", "taskArns", cluster=cluster, desiredStatus=status, **paging)
            for chunk in chunks(tasks, 100):
                answer = ecs.describe_tasks(cluster=cluster, tasks=chunk, include=["TAGS"])
                assert not answer["failures"], answer["failures"]
                assert {task["taskArn"] for task in answer["tasks"]} == set(chunk)
                for task in answer["tasks"]:
                    assert task["clusterArn"] == cluster and task["desiredStatus"] == status
                    definitions.add(task["taskDefinitionArn"])
                    seen["containers"] += len(task["containers"])
                    if task["lastStatus"] == "RUNNING":
                        running += 1
                        name = task["group"].removeprefix("service:")
                        if name in counts:
                            counts[name] -= 1
            seen["tasks" if status == "RUNNING" else "stopped"] += len(tasks)
        assert running == described[cluster]["runningTasksCount"], cluster
        assert not any(counts.values()), f"services count other tasks than there are: {counts}"
        instances = paged(ecs, "list_container_instances", "containerInstanceArns", cluster=cluster, **paging)
        for chunk in chunks(instances, 100):
            answer = ecs.describe_container_instances(
                cluster=cluster, containerInstances=chunk, include=["TAGS", "CONTAINER_INSTANCE_HEALTH"]
            )
            assert len(answer["containerInstances"]) == len(chunk)
        assert described[cluster]["registeredContainerInstancesCount"] == len(instances)
        assert described[cluster]["activeServicesCount"] == active
        seen["services"] += len(services)
        seen["instances"] += len(instances)
    for definition in sorted(definitions):
        answer = ecs.describe_task_definition(taskDefinition=definition, include=["TAGS"])
        assert answer["taskDefinition"]["taskDefinitionArn"] == definition
    families = paged(ecs, "list_task_definition_families", "families", **paging)
    revisions = paged(ecs, "list_task_definitions", "taskDefinitionArns", **paging)
    assert {arn.split("/")[1].rsplit(":", 1)[0] for arn in revisions} == set(families)
    assert definitions <= set(revisions)
    seen["clusters"] = len(clusters)
    seen["definitions"] = len(definitions)
    identity = Pinned("sts").get_caller_identity()
    assert all(identity["Account"] in arn for arn in clusters)
    return seen | {"answers": ecs.checked, "account": identity["Account"]}


def refused(code, call, *words, **members):
    """Asserts that a call is refused with this code, and these words in its message."""
    try:
        call(**members)
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        message = error.response["Error"]["Message"]
        assert all(word in message for word in words), f"{words} not in {message!r}"
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"{members} should have been refused with {code}")


def execute(cluster, service):
    """Opens a session in a task, resumes it and ends it."""
    ecs, ssm = Pinned("ecs"), Pinned("ssm")
    [task, *_] = ecs.list_tasks(cluster=cluster, serviceName=service)["taskArns"]
    members = {"cluster": cluster, "task": task, "interactive": True, "command": "sh"}
    answer = ecs.execute_command(container="app", **members)
    session = answer["session"]
    assert session["sessionId"].startswith("ecs-execute-command-") and len(session["sessionId"]) == 37
    assert session["streamUrl"].startswith("ws://127.0.0.1:")
    assert answer["containerName"] == "app" and answer["taskArn"] == task
    [described] = ecs.describe_tasks(cluster=cluster, tasks=[task])["tasks"]
    assert answer["containerArn"] in [container["containerArn"] for container in described["containers"]]
    resumed = ssm.resume_session(SessionId=session["sessionId"])
    assert resumed["StreamUrl"] == session["streamUrl"] and resumed["TokenValue"] != session["tokenValue"]
    assert ssm.terminate_session(SessionId=session["sessionId"])["SessionId"] == session["sessionId"]
    refused("DoesNotExistException", ssm.resume_session, SessionId="ecs-execute-command-0")
    invalid = "InvalidParameterException"
    refused(invalid, ecs.execute_command, "Interactive is the only", **members | {"interactive": False})
    refused(invalid, ecs.execute_command, "container name", **members)
    refused(invalid, ecs.execute_command, "container name nope", container="nope", **members)
    refused(invalid, ecs.execute_command, "not found", container="app", **members | {"task": "0" * 32})
    refused("ClusterNotFoundException", ecs.execute_command, **members | {"cluster": "nope"})
    return {"operations": sorted(ecs.operations | ssm.operations)}


def main():
    check, *words = sys.argv[1:]
    checks = {"walk": lambda size=None: walk(size and int(size)), "execute": execute}
    print(json.dumps(checks[check](*words)))


main()
