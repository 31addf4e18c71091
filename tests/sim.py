"""Walks a simulated AWS with boto3 and holds every answer against botocore's service models.

Run by tests/sim.rs: sim.py CHECK [WORDS], with the endpoint, region and keys in the environment. Prints a JSON object of
what it saw; a failed assertion ends it with a traceback.
"""

import base64
import datetime
import http.client
import json
import os
import io
import socket
import sys
import urllib.parse
import xml.etree.ElementTree

import boto3
import botocore.args
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import botocore.model
import botocore.parsers
from botocore.config import Config

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=2)


class Pinned:
    """A client whose every answer is held against the service model before botocore parses it."""

    # Codes that any AWS service may answer with and that no operation declares:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
    COMMON = {
        "IncompleteSignature", "IncompleteSignatureException", "InvalidClientTokenId", "InvalidSignatureException",
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", "SerializationException",
        "SignatureDoesNotMatch", "ThrottlingException", "UnknownOperationException", "UnrecognizedClientException",
        "ValidationError", "ValidationException",
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
        if operation_model.has_event_stream_output and response_dict["status_code"] < 300:
            return  # a stream, whose events are checked as they come
        protocol = operation_model.service_model.resolved_protocol
        if protocol == "smithy-rpc-v2-cbor":
            assert response_dict["headers"]["smithy-protocol"] == "rpc-v2-cbor"
            stream = io.BufferedReader(io.BytesIO(response_dict["body"]))
            body = botocore.parsers.RpcV2CBORParser().parse_data_item(stream)
        elif protocol == "json":
            body = json.loads(response_dict["body"])
        else:
            self.check_xml(operation_model, protocol, response_dict)
            return
        where = operation_model.name
        if response_dict["status_code"] >= 300:
            declared = {shape.name for shape in operation_model.error_shapes}
            declared |= {shape.metadata.get("error", {}).get("code") for shape in operation_model.error_shapes}
            assert body["__type"] in declared | self.COMMON, f"{where}: error {body['__type']} is not declared"
            assert isinstance(body["message"], str), where
        else:
            validate(operation_model.output_shape, body, where)
        self.checked += 1
        self.operations.add(where)


    def check_xml(self, operation_model, protocol, response_dict):
        root = xml.etree.ElementTree.fromstring(response_dict["body"])
        where = operation_model.name
        if response_dict["status_code"] >= 300:
            assert any(local(element) == "Code" and element.text for element in root.iter()), f"{where}: no code"
            assert any(local(element) == "Message" for element in root.iter()), f"{where}: no message"
        else:
            assert local(root) == f"{where}Response", local(root)
            # EC2 puts the members beside the id of the request, the others in a result of their own.
            result = root if protocol == "ec2" else root.find(f"{{*}}{where}Result")
            validate_xml(operation_model.output_shape, result, where, ignored={"requestId"} if protocol == "ec2" else ())
        self.checked += 1
        self.operations.add(where)


def local(element):
    return element.tag.rpartition("}")[2]


def validate_xml(shape, element, where, ignored=()):
    """Fails unless the element is exactly what the model's shape allows."""
    kind = shape.type_name
    if kind == "structure":
        members = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        children = [child for child in element if local(child) not in ignored]
        names = [local(child) for child in children]
        assert len(names) == len(set(names)), f"{where}: members come twice: {names}"
        unknown = set(names) - set(members)
        assert not unknown, f"{where}: unknown members {unknown}"
        lacking = set(shape.required_members) - {members[name][0] for name in names}
        assert not lacking, f"{where}: required members {lacking} are missing"
        for child in children:
            validate_xml(members[local(child)][1], child, f"{where}.{local(child)}")
    elif kind == "list":
        item = shape.member.serialization.get("name", "member")
        for index, child in enumerate(element):
            assert local(child) == item, f"{where}: {local(child)} instead of {item}"
            validate_xml(shape.member, child, f"{where}[{index}]")
    else:
        assert not len(element), f"{where}: no {kind}"
        text = element.text or ""
        if kind == "string":
            assert not shape.enum or text in shape.enum, f"{where}: {text!r} is not one of {shape.enum}"
        elif kind in ("integer", "long"):
            int(text)
        elif kind == "boolean":
            assert text in ("true", "false"), f"{where}: {text!r} is no boolean"
        elif kind == "timestamp":
            assert datetime.datetime.fromisoformat(text).year > 2015, f"{where}: {text} is long ago"
        else:
            raise AssertionError(f"{where}: no rule for {kind}")


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
        # CBOR marks times, so that they come as such.
        value = value.timestamp() if isinstance(value, datetime.datetime) else value
        assert isinstance(value, float), f"{where}: {value!r} is no timestamp in epoch seconds"
        assert datetime.datetime.fromtimestamp(value).year > 2015, f"{where}: {value} is long ago"
    elif kind == "blob":
        assert isinstance(value, str) and base64.b64decode(value, validate=True), f"{where}: {value!r} is no base64"
    else:
        raise AssertionError(f"{where}: no rule for {kind}")


def paged(client, operation, key, **members):
    """Returns what a botocore paginator gathers, and asserts that nothing comes twice."""
    items = [item for page in client.get_paginator(operation).paginate(**members) for item in page[key]]
    assert len(items) == len(set(items)), f"{operation}: items come twice"
    return items


def chunks(items, size):
    return [items[start : start + size] for start in range(0, len(items), size)]


def walk(page_size=None, **keys):
    """Walks everything there is, and returns how much it was."""
    ecs = Pinned("ecs", **keys)
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
    families = paged(ecs, "list_task_definition_families", "families", status="ACTIVE", **paging)
    revisions = paged(ecs, "list_task_definitions", "taskDefinitionArns", **paging)
    assert {arn.split("/")[1].rsplit(":", 1)[0] for arn in revisions} == set(families)
    assert definitions <= set(revisions)
    seen["clusters"] = len(clusters)
    seen["definitions"] = len(definitions)
    identity = Pinned("sts", **keys).get_caller_identity()
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


def sizes(*worlds):
    """Walks many worlds with AWS's default pages, and where these are not its largest, with those too."""
    seen = []
    for world in map(json.loads, worlds):
        by_default = walk(**world)
        if by_default["services"] > by_default["clusters"]:
            assert {**by_default, "answers": 0} == {**walk(100, **world), "answers": 0}
        seen.append([by_default[name] for name in ["clusters", "services", "tasks"]])
    return seen


def agents():
    """Tries to log in to each container of tests/worlds/exec_agents.toml; returns what each had to say."""
    ecs = Pinned("ecs")
    members = {"interactive": True, "command": "true"}
    tasks = ecs.describe_tasks(tasks=ecs.list_tasks()["taskArns"])["tasks"]
    seen = {}
    for task in tasks:
        for container in task["containers"]:
            name = f'{task["group"]}/{task.get("startedBy", "")[:7]}/{container["name"]}'
            agents = [agent["lastStatus"] for agent in container.get("managedAgents", [])]
            try:
                ecs.execute_command(task=task["taskArn"], container=container["name"], **members)
                code = "opened"
            except botocore.exceptions.ClientError as error:
                code = error.response["Error"]["Code"]
            seen[name] = [task["lastStatus"], *agents, code]
    # A container's name may be left out where there is only one.
    [one] = ecs.list_tasks(startedBy="by-hand")["taskArns"]
    assert ecs.execute_command(task=one, **members)["containerName"] == "app"
    return seen


def refusals(cluster):
    """Asks for what AWS refuses."""
    ecs = Pinned("ecs")
    invalid = "InvalidParameterException"
    services = paged(ecs, "list_services", "serviceArns", cluster=cluster)
    tasks = paged(ecs, "list_tasks", "taskArns", cluster=cluster)
    name = services[0].rsplit("/", 1)[1]
    refused(invalid, ecs.describe_tasks, "Tasks cannot be empty", cluster=cluster, tasks=[])
    refused(invalid, ecs.describe_tasks, "100", cluster=cluster, tasks=tasks[:1] * 101)
    refused(invalid, ecs.describe_tasks, "length should be one of [32,36]", cluster=cluster, tasks=["app"])
    refused(invalid, ecs.describe_services, "Services cannot be empty", cluster=cluster, services=[])
    refused(invalid, ecs.describe_services, "service names can have at most 10 items", cluster=cluster, services=services[:11])
    refused(invalid, ecs.describe_services, "Your cluster is", cluster=cluster, services=[services[0].replace(cluster, "other")])
    refused(invalid, ecs.describe_services, "Unsupported resource type: task", cluster=cluster, services=tasks[:1])
    refused(invalid, ecs.describe_container_instances, "cannot be empty", cluster=cluster, containerInstances=[])
    refused(invalid, ecs.list_clusters, "Invalid token", nextToken="nonsense")
    refused(invalid, ecs.list_clusters, "maxResults", maxResults=101)
    refused(invalid, ecs.list_tasks, "family", cluster=cluster, family="x", serviceName=name)
    refused(invalid, ecs.list_services, "Cluster must match", cluster="a b")
    token = ecs.list_services(cluster=cluster, maxResults=1)["nextToken"]
    refused(invalid, ecs.list_tasks, "Invalid token", cluster=cluster, nextToken=token)
    for call in [ecs.list_services, ecs.list_tasks, ecs.list_container_instances]:
        refused("ClusterNotFoundException", call, cluster="nope")
        refused("ClusterNotFoundException", call)
    refused("ServiceNotFoundException", ecs.list_tasks, cluster=cluster, serviceName="nope")
    refused("ClientException", ecs.describe_task_definition, taskDefinition="nope")
    # What AWS knows and the simulation does not is refused by its name.
    refused(invalid, ecs.list_container_instances, "filter", cluster=cluster, filter="agentConnected==true")
    refused("UnknownOperationException", ecs.delete_cluster, "DeleteCluster", cluster=cluster)
    refused("UnknownOperationException", Pinned("ssm").describe_sessions, "DescribeSessions", State="Active")
    refused("UnknownOperationException", boto3.client("events", config=CONFIG).list_rules, "AWSEvents")
    refused("UnknownOperationException", boto3.client("ec2", config=CONFIG).describe_vpcs, "DescribeVpcs")
    # Filters and failures.
    assert ecs.list_tasks(cluster=cluster, family="nope")["taskArns"] == []
    assert ecs.list_tasks(cluster=cluster, desiredStatus="PENDING")["taskArns"] == []
    assert ecs.list_tasks(cluster=cluster, launchType="EC2")["taskArns"] == []
    assert len(ecs.list_tasks(cluster=cluster, serviceName=name)["taskArns"]) == 2
    assert set(ecs.list_tasks(cluster=cluster, serviceName=services[0])["taskArns"]) <= set(tasks)
    missing = tasks[0][:-4] + "ffff"
    answer = ecs.describe_tasks(cluster=cluster, tasks=[tasks[0], missing])
    assert [failure["reason"] for failure in answer["failures"]] == ["MISSING"] and len(answer["tasks"]) == 1
    assert answer["failures"][0]["arn"] == missing
    assert ecs.describe_clusters()["failures"][0]["arn"].endswith("cluster/default")
    assert "tags" not in ecs.describe_services(cluster=cluster, services=[name])["services"][0]
    return {"answers": ecs.checked}


def keys(access, secret):
    """Tries to get in without being let."""
    wrong = {"aws_access_key_id": access, "aws_secret_access_key": "x" * 40}
    stranger = {"aws_access_key_id": "AKIA" + "A" * 16, "aws_secret_access_key": secret}
    session = {"aws_access_key_id": access, "aws_secret_access_key": secret, "aws_session_token": "token"}
    elsewhere = {"region_name": "us-east-2"}
    seen = []
    for how, json_code, query_code in [
        (wrong, "InvalidSignatureException", "SignatureDoesNotMatch"),
        (stranger, "UnrecognizedClientException", "InvalidClientTokenId"),
        (session, "UnrecognizedClientException", "InvalidClientTokenId"),
        (elsewhere, "InvalidSignatureException", "SignatureDoesNotMatch"),
    ]:
        seen.append(refused(json_code, Pinned("ecs", **how).list_clusters))
        seen.append(refused(query_code, Pinned("sts", **how).get_caller_identity))
    status, body = raw("POST", "/", {"X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters"}, "{}")
    assert json.loads(body)["__type"] == "MissingAuthenticationTokenException", body
    seen.append(status)
    return seen


def raw(method, path, headers, body=""):
    """Sends a request as it is; returns status and body."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc)
    connection.request(method, path, body, {"Content-Type": "application/x-amz-json-1.1"} | headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def door(cluster, service):
    """Opens a data channel, and fails to open it in every other way."""
    ecs = Pinned("ecs")
    [task, *_] = ecs.list_tasks(cluster=cluster, serviceName=service)["taskArns"]
    command = "sh -c 'echo greeting is $SERVICE'"
    members = {"cluster": cluster, "task": task, "interactive": True, "container": "app", "command": command}
    session = ecs.execute_command(**members)["session"]
    url = session["streamUrl"].replace("ws://", "http://")
    statuses = [
        upgrade(url, None)[0],
        upgrade(url, signature(url, secret="x" * 40))[0],
        upgrade(url, signature(url, service="ssm"))[0],
        upgrade(url, signature(url, region="us-east-2"))[0],
        upgrade(url, signature(url, host="ssmmessages.eu-west-1.amazonaws.com"))[0],
        upgrade(url + "&more=1", signature(url))[0],
        upgrade(url.replace("?", "x?"), signature(url))[0],
        upgrade(url, signature(url, minutes=-6))[0],
        upgrade(url, signature(url, minutes=6))[0],
        upgrade(url, signature(url, token="token"))[0],
        upgrade(url.replace("?role=publish_subscribe", ""), signature(url.replace("?role=publish_subscribe", "")))[0],
    ]
    # A clock that is wrong by less than AWS bears with, and a query that must be encoded.
    status, line = upgrade(url + "&cell-number=AA%2B%2F%3D", signature(url + "&cell-number=AA%2B%2F%3D", minutes=-4))
    statuses.append(status)
    opening = {"MessageSchemaVersion": "1.0", "RequestId": "1", "ClientId": "1", "TokenValue": session["tokenValue"]}
    line.sendall(frame(json.dumps(opening)))
    heard = b""
    while b"greeting is " + f"{cluster}-{service}".encode() not in heard:
        more = line.recv(4096)
        assert more, f"closed after {heard!r}"
        heard += more
    return statuses


def signature(url, service="ssmmessages", secret=None, region=None, host=None, minutes=0, token=None):
    """Returns the headers of botocore's signature of an upgrade, made so many minutes from now."""
    headers = {"Host": host or urllib.parse.urlsplit(url).netloc}
    request = botocore.awsrequest.AWSRequest("GET", url, headers=headers)
    secret = secret or os.environ["AWS_SECRET_ACCESS_KEY"]
    credentials = botocore.credentials.Credentials(os.environ["AWS_ACCESS_KEY_ID"], secret, token)
    present = botocore.auth.get_current_datetime
    botocore.auth.get_current_datetime = lambda: present() + datetime.timedelta(minutes=minutes)
    try:
        botocore.auth.SigV4Auth(credentials, service, region or os.environ["AWS_REGION"]).add_auth(request)
    finally:
        botocore.auth.get_current_datetime = present
    return dict(request.headers)


def upgrade(url, signed):
    """Asks for a websocket with these headers; returns the status and the connection."""
    parts = urllib.parse.urlsplit(url)
    headers = (signed or {}) | {"Host": parts.netloc}
    headers |= {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    headers["Sec-WebSocket-Key"] = base64.b64encode(os.urandom(16)).decode()
    line = socket.create_connection((parts.hostname, parts.port), timeout=20)
    lines = [f"GET {parts.path}?{parts.query} HTTP/1.1"] + [f"{name}: {value}" for name, value in headers.items()]
    line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = b""
    while not head.endswith(b"\r\n\r\n") and (byte := line.recv(1)):
        head += byte
    return int(head.split()[1]), line


def frame(text):
    """Returns a masked text frame (RFC 6455, section 5.2) whose mask is zero."""
    data = text.encode()
    return bytes([0x81, 0x80 | 126]) + len(data).to_bytes(2, "big") + bytes(4) + data


def faults():
    """Meets one fault after the other, in the order tests/sim.rs made them."""
    ecs = boto3.client("ecs", config=CONFIG)
    assert refused("AccessDeniedException", ecs.list_clusters, "not allowed") == 400
    seen = []
    # botocore does not notice that half the body is missing.
    for call in [lambda: raw("POST", "/", signed("ListClusters", "{}"), "{}"), ecs.list_clusters]:
        try:
            call()
        except (botocore.exceptions.ReadTimeoutError, http.client.IncompleteRead) as error:
            seen.append(type(error).__name__)
    assert ecs.list_clusters()["clusterArns"]
    return seen


def signed(operation, body):
    """Returns the headers of a signed ECS call."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AmazonEC2ContainerServiceV20141113.{operation}",
    }
    request = botocore.awsrequest.AWSRequest("POST", os.environ["AWS_ENDPOINT_URL"] + "/", headers=headers, data=body)
    credentials = boto3.Session().get_credentials()
    botocore.auth.SigV4Auth(credentials, "ecs", os.environ["AWS_REGION"]).add_auth(request)
    return dict(request.headers)


def denied():
    """Looks into both clusters of tests/worlds/one_cluster_denied.toml."""
    ecs = Pinned("ecs")
    assert ecs.list_tasks(cluster="open")["taskArns"]
    return refused("AccessDeniedException", ecs.list_tasks, "ecs:ListTasks", cluster="closed")


def throttled():
    """Asks until it is too much."""
    ecs = Pinned("ecs")
    for count in range(200):
        try:
            ecs.list_clusters()
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"] == {"Code": "ThrottlingException", "Message": "Rate exceeded"}
            return {"status": error.response["ResponseMetadata"]["HTTPStatusCode"], "answered": count}
    raise AssertionError("never throttled")


def data_keys(cluster):
    """Has data keys made and opened."""
    ecs, kms = Pinned("ecs"), Pinned("kms")
    [described] = ecs.describe_clusters(clusters=[cluster], include=["CONFIGURATIONS"])["clusters"]
    key_id = described["configuration"]["executeCommandConfiguration"]["kmsKeyId"]
    context = {"aws:ssm:SessionId": "s-1", "aws:ssm:TargetId": "ecs:a_b_c"}
    key = kms.generate_data_key(KeyId=key_id, NumberOfBytes=64, EncryptionContext=context)
    assert len(key["Plaintext"]) == 64 and key["KeyId"] == key_id
    blob = key["CiphertextBlob"]
    for named in ({}, {"KeyId": key_id}):
        opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context, **named)
        assert opened["Plaintext"] == key["Plaintext"] and opened["KeyId"] == key_id
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob)
    other = context | {"aws:ssm:TargetId": "ecs:a_b_d"}
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob, EncryptionContext=other)
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=b"\0\0nothing", EncryptionContext=context)
    refused("NotFoundException", kms.generate_data_key, "does not exist", KeyId="nope", NumberOfBytes=64)
    return {"operations": sorted(kms.operations)}


def watched(protocol, cluster, service, quiet):
    """Reads metrics, alarms and scaling of a service, and of one that has none of it."""
    if protocol == "smithy-rpc-v2-cbor":
        # Which botocore knows and would choose after JSON.
        order = (protocol, *botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS)
        botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = order
        botocore.args.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = order
    cloudwatch, scaling = Pinned("cloudwatch"), Pinned("application-autoscaling")
    assert cloudwatch.client.meta.service_model.resolved_protocol == protocol
    now = cloudwatch.describe_alarms()["MetricAlarms"][0]["StateUpdatedTimestamp"]
    assert now.tzinfo, "a time came as such"
    end = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)

    def query(name, stat="Average", period=300, service=service):
        dimensions = [{"Name": "ClusterName", "Value": cluster}, {"Name": "ServiceName", "Value": service}]
        metric = {"Namespace": "AWS/ECS", "MetricName": name, "Dimensions": dimensions}
        return {"Id": f"{stat.lower()}{name.lower()}", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}

    def data(queries, hours=3, **members):
        start = end - datetime.timedelta(hours=hours)
        return cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=start, EndTime=end, **members)

    queries = [query("CPUUtilization"), query("CPUUtilization", "Maximum"), query("MemoryUtilization")]
    answer = data(queries, ScanBy="TimestampAscending")
    results = answer["MetricDataResults"]
    assert [result["Id"] for result in results] == [query["Id"] for query in queries]
    for result in results:
        assert len(result["Values"]) == len(result["Timestamps"]) in (36, 37), len(result["Values"])
        assert result["Timestamps"] == sorted(result["Timestamps"]) and result["StatusCode"] == "Complete"
        assert all(0 <= value <= 200 for value in result["Values"])
        assert all(at.timestamp() % 300 == 0 for at in result["Timestamps"])
    assert all(most >= mean for mean, most in zip(results[0]["Values"], results[1]["Values"]))
    assert data(queries)["MetricDataResults"][0]["Values"] == results[0]["Values"][::-1]
    # In pages, and the same in the end.
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=end - datetime.timedelta(hours=3), EndTime=end,
        ScanBy="TimestampAscending", MaxDatapoints=10,
    )
    joined = {query["Id"]: [] for query in queries}
    for page in pages:
        for result in page["MetricDataResults"]:
            joined[result["Id"]] += result["Values"]
    assert joined == {result["Id"]: result["Values"] for result in results}
    assert data([query("CPUUtilization", service="nope")])["MetricDataResults"][0]["Values"] == []
    refused("ValidationError", data, "must not have a size greater than 500", queries=[query("CPUUtilization")] * 501)
    refused("ValidationError", data, "StartTime must be less", queries=queries, hours=0)
    refused("ValidationError", data, "Period", queries=[query("CPUUtilization", period=61)])
    refused("ValidationError", data, "p99", queries=[query("CPUUtilization", "p99")])
    refused("InvalidNextToken", data, queries=queries, NextToken="nonsense")

    alarms = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm"])["MetricAlarms"]
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}
    in_pages = cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 3})
    assert [alarm["AlarmName"] for page in in_pages for alarm in page["MetricAlarms"]] == list(states)
    raised = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in raised} == {name for name, state in states.items() if state == "ALARM"}
    refused("ValidationError", cloudwatch.describe_alarms, MaxRecords=101)
    refused("InvalidNextToken", cloudwatch.describe_alarms, NextToken="nonsense")

    resource = f"service/{cluster}/{service}"
    [target] = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[resource])["ScalableTargets"]
    policies = scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=resource)["ScalingPolicies"]
    for policy in policies:
        assert {alarm["AlarmName"] for alarm in policy["Alarms"]} & set(states)
    activities = scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=resource)["ScalingActivities"]
    starts = [activity["StartTime"] for activity in activities]
    assert starts == sorted(starts, reverse=True) and starts
    unscaled = [f"service/{cluster}/{quiet}"]
    assert not scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=unscaled)["ScalableTargets"]
    every = paged_ids(scaling, "describe_scalable_targets", "ScalableTargets", "ResourceId", ServiceNamespace="ecs")
    assert resource in every
    refused("ValidationException", scaling.describe_scalable_targets, ServiceNamespace="rds")
    refused("ValidationException", scaling.describe_scalable_targets, ServiceNamespace="ecs", MaxResults=51)
    token = {"ServiceNamespace": "ecs", "NextToken": "nonsense"}
    refused("InvalidNextTokenException", scaling.describe_scaling_policies, **token)
    return {
        "limits": [target["MinCapacity"], target["MaxCapacity"]],
        "policies": [policy["PolicyType"] for policy in policies],
        "operations": sorted(cloudwatch.operations | scaling.operations),
    }


def paged_ids(client, operation, key, name, **members):
    """Returns the names of what a paginator gathers in pages of one."""
    pages = client.get_paginator(operation).paginate(PaginationConfig={"PageSize": 1}, **members)
    names = [item[name] for page in pages for item in page[key]]
    assert len(names) == len(set(names)), f"{operation}: items come twice"
    return names


def parameters():
    """Reads and changes the parameters of the demo world."""
    ssm = Pinned("ssm")
    path = "/application/payments-api"
    here = paged_ids(ssm, "get_parameters_by_path", "Parameters", "Name", Path=path)
    below = paged_ids(ssm, "get_parameters_by_path", "Parameters", "Name", Path=path + "/", Recursive=True)
    assert set(here) < set(below) and all(name.startswith(path) for name in below)
    secret = f"{path}/DATABASE_PASSWORD"
    sealed = ssm.get_parameter(Name=secret)["Parameter"]
    opened = ssm.get_parameter(Name=secret, WithDecryption=True)["Parameter"]
    assert sealed["Value"] != opened["Value"] and sealed["Type"] == opened["Type"] == "SecureString"
    assert ssm.get_parameter(Name=opened["ARN"])["Parameter"]["Name"] == secret
    assert ssm.get_parameter(Name=f"{secret}:{opened['Version']}")["Parameter"]["Name"] == secret
    refused("ParameterVersionNotFound", ssm.get_parameter, Name=f"{secret}:99")
    first = ssm.get_parameter(Name=f"{secret}:1", WithDecryption=True)["Parameter"]
    assert first["Version"] == 1 and first["Value"] != opened["Value"]
    past = [paged for page in ssm.get_paginator("get_parameter_history").paginate(
        Name=secret, WithDecryption=True, PaginationConfig={"PageSize": 3}) for paged in page["Parameters"]]
    assert [it["Version"] for it in past] == list(range(1, opened["Version"] + 1))
    assert past[-1]["Value"] == opened["Value"] and past[0]["Value"] == first["Value"]
    assert past[0]["LastModifiedDate"] < past[1]["LastModifiedDate"] and past[0]["LastModifiedUser"]
    assert ssm.get_parameter_history(Name=secret)["Parameters"][0]["Value"] == ssm.get_parameter(Name=f"{secret}:1")["Parameter"]["Value"]
    refused("ParameterNotFound", ssm.get_parameter_history, Name="/nope")
    refused("ValidationException", ssm.get_parameter_history, Name=secret, MaxResults=51)
    refused("ParameterNotFound", ssm.get_parameter, Name="/nope")
    answer = ssm.get_parameters(Names=[secret, "/nope"])
    assert [it["Name"] for it in answer["Parameters"]] == [secret] and answer["InvalidParameters"] == ["/nope"]
    refused("ValidationException", ssm.get_parameters, Names=["/x"] * 11)
    refused("ValidationException", ssm.get_parameters_by_path, "forward slash", Path="application")
    refused("ValidationException", ssm.get_parameters_by_path, Path="/", MaxResults=11)
    refused("InvalidNextToken", ssm.get_parameters_by_path, Path="/", NextToken="nonsense")
    filters = [{"Key": "Name", "Option": "Equals", "Values": [secret]}]
    [metadata] = ssm.describe_parameters(ParameterFilters=filters)["Parameters"]
    assert metadata["KeyId"] == "alias/application/payments-api" and "Value" not in metadata
    new = "/application/new/NAME"
    refused("ValidationException", ssm.put_parameter, "type is required", Name=new, Value="1")
    assert ssm.put_parameter(Name=new, Value="1", Type="String")["Version"] == 1
    refused("ParameterAlreadyExists", ssm.put_parameter, "overwrite", Name=new, Value="2", Type="String")
    mismatch = "HierarchyTypeMismatchException"
    refused(mismatch, ssm.put_parameter, Name=new, Value="2", Type="SecureString", Overwrite=True)
    assert ssm.put_parameter(Name=new, Value="2", Overwrite=True)["Version"] == 2
    assert ssm.get_parameter(Name=new)["Parameter"]["Value"] == "2"
    assert [it["Value"] for it in ssm.get_parameter_history(Name=new)["Parameters"]] == ["1", "2"]
    refused("ValidationException", ssm.put_parameter, "4096", Name=new, Value="x" * 4097, Overwrite=True)
    refused("ValidationException", ssm.put_parameter, "reserved", Name="/aws/x", Value="1", Type="String")
    refused("ValidationException", ssm.put_parameter, "fully qualified", Name="a/b", Value="1", Type="String")
    ssm.delete_parameter(Name=new)
    refused("ParameterNotFound", ssm.delete_parameter, Name=new)
    return {"below": len(below), "operations": sorted(ssm.operations)}


def releases(cluster, service):
    """Reads the history of a service, and asks for what AWS refuses."""
    ecs = Pinned("ecs")
    where = {"cluster": cluster, "service": service}
    briefs = ecs.list_service_deployments(**where)["serviceDeployments"]
    created = [brief["createdAt"] for brief in briefs]
    assert created == sorted(created, reverse=True) and len(briefs) <= 20
    arns, token = [], {}
    while True:
        page = ecs.list_service_deployments(maxResults=1, **where, **token)
        arns += [brief["serviceDeploymentArn"] for brief in page["serviceDeployments"]]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert arns[: len(briefs)] == [brief["serviceDeploymentArn"] for brief in briefs]
    gone = arns[0].rsplit("/", 1)[0] + "/" + "0" * 21
    answer = ecs.describe_service_deployments(serviceDeploymentArns=[*arns[:19], gone])
    assert [failure["reason"] for failure in answer["failures"]] == ["MISSING"]
    described = answer["serviceDeployments"]
    revisions = {one["targetServiceRevision"]["arn"] for one in described}
    revisions |= {source["arn"] for one in described for source in one["sourceServiceRevisions"]}
    answer = ecs.describe_service_revisions(serviceRevisionArns=sorted(revisions)[:20])
    assert not answer["failures"] and all(one["containerImages"] for one in answer["serviceRevisions"])
    wanted = [one for one in briefs if one["status"] == "SUCCESSFUL"]
    assert ecs.list_service_deployments(status=["SUCCESSFUL"], **where)["serviceDeployments"] == wanted
    past = {"before": created[-1]}
    assert ecs.list_service_deployments(createdAt=past, **where)["serviceDeployments"] == []
    invalid = "InvalidParameterException"
    refused(invalid, ecs.describe_service_deployments, "at most 20", serviceDeploymentArns=arns[:1] * 21)
    refused(invalid, ecs.describe_service_revisions, "cannot be empty", serviceRevisionArns=[])
    refused(invalid, ecs.describe_service_revisions, "Invalid identifier", serviceRevisionArns=arns[:1])
    refused("ServiceNotFoundException", ecs.list_service_deployments, cluster=cluster, service="nope")
    refused("ClusterNotFoundException", ecs.list_service_deployments, cluster="nope", service=service)
    refused(invalid, ecs.list_service_deployments, "maxResults", maxResults=101, **where)
    return [[one["status"], "rollback" in one, one["deploymentCircuitBreaker"]["status"]] for one in described]


def retired(family, gone):
    """Looks at what was deregistered."""
    ecs = Pinned("ecs")
    active = ecs.list_task_definitions(familyPrefix=family, sort="DESC")["taskDefinitionArns"]
    inactive = ecs.list_task_definitions(familyPrefix=family, status="INACTIVE", sort="DESC")["taskDefinitionArns"]
    assert not set(active) & set(inactive)
    described = ecs.describe_task_definition(taskDefinition=inactive[0])["taskDefinition"]
    assert described["status"] == "INACTIVE" and described["deregisteredAt"]
    newest = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    assert newest["taskDefinitionArn"] == active[0]
    assert gone in paged(ecs, "list_task_definition_families", "families")
    assert gone not in paged(ecs, "list_task_definition_families", "families", status="ACTIVE")
    assert gone in paged(ecs, "list_task_definition_families", "families", status="INACTIVE")
    refused("ClientException", ecs.describe_task_definition, taskDefinition=gone)
    return [int(arn.rsplit(":", 1)[1]) for arn in [active[0], active[-1], inactive[0], inactive[-1]]]


def logs(group):
    """Reads a log group in every way there is."""
    logs = Pinned("logs")
    groups = [page["logGroups"] for page in logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 2})]
    named = {described["logGroupName"]: described for page in groups for described in page}
    assert group in named and len(named) == sum(map(len, groups))
    streams = [
        stream["logStreamName"]
        for page in logs.get_paginator("describe_log_streams").paginate(
            logGroupName=group, PaginationConfig={"PageSize": 4}
        )
        for stream in page["logStreams"]
    ]
    assert streams == sorted(set(streams)), streams
    by_time = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True)["logStreams"]
    assert [it["lastEventTimestamp"] for it in by_time] == sorted((it["lastEventTimestamp"] for it in by_time), reverse=True)
    refused("InvalidParameterException", logs.describe_log_streams, logGroupName=group, logStreamNamePrefix="e", orderBy="LastEventTime")

    now = max(it["lastEventTimestamp"] for it in by_time)
    span = {"startTime": now - 60_000, "endTime": now - 5000}
    filtered = []
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, PaginationConfig={"PageSize": 17}, **span):
        filtered.extend(page["events"])
    assert len({event["eventId"] for event in filtered}) == len(filtered) > 50
    assert [event["timestamp"] for event in filtered] == sorted(event["timestamp"] for event in filtered)
    assert all(event["ingestionTime"] >= event["timestamp"] for event in filtered)
    newest = logs.filter_log_events(logGroupName=group, startFromHead=False, limit=5, **span)["events"]
    assert [event["eventId"] for event in newest] == [event["eventId"] for event in reversed(filtered)][:5]
    refused("InvalidParameterException", logs.filter_log_events, "2024", logGroupName=group, startFromHead=False)
    term = logs.filter_log_events(logGroupName=group, filterPattern="starting", startTime=0)["events"]
    assert term and all("starting" in event["message"] for event in term)
    refused("InvalidParameterException", logs.filter_log_events, "JSON", logGroupName=group, filterPattern="{ $.a = 1 }")

    for stream in streams:
        told = []
        token = {}
        while True:  # the same token again is the end
            page = logs.get_log_events(
                logGroupName=group, logStreamName=stream, startFromHead=True, limit=9,
                startTime=span["startTime"], endTime=span["endTime"] + 1, **token,
            )
            told.extend(page["events"])
            if token and page["nextForwardToken"] == token["nextToken"]:
                break
            token = {"nextToken": page["nextForwardToken"]}
        assert [event["message"] for event in told] == [
            event["message"] for event in filtered if event["logStreamName"] == stream
        ], stream
        last = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=3)
        before = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=3, nextToken=last["nextBackwardToken"])
        assert len(last["events"]) == 3 and before["events"][-1]["timestamp"] <= last["events"][0]["timestamp"]
    refused("ResourceNotFoundException", logs.get_log_events, "log stream", logGroupName=group, logStreamName="none")
    refused("ResourceNotFoundException", logs.filter_log_events, "log group", logGroupName="none")
    refused("InvalidParameterException", logs.filter_log_events, logGroupName=group, limit=10_001)

    arn = named[group]["logGroupArn"]
    tails = Pinned("logs")
    tails.client = boto3.client("logs", config=CONFIG.merge(Config(inject_host_prefix=False, read_timeout=30)))
    answer = tails.start_live_tail(logGroupIdentifiers=[arn], logStreamNamePrefixes=["ecs/app/"])
    model = tails.client.meta.service_model.operation_model("StartLiveTail")
    events = model.get_event_stream_output().members
    heard, kinds = 0, []
    for event in answer["responseStream"]._event_generator:  # what comes before botocore leaves out what it does not know
        kind = event.headers[":event-type"]
        assert event.headers[":message-type"] == "event" and event.headers[":content-type"] == "application/json"
        payload = json.loads(event.payload)
        validate(events[kind], payload, kind)
        kinds.append(kind)
        heard += len(payload.get("sessionResults", []))
        if heard > 20 and len(kinds) > 2:
            break
    assert kinds[0] == "sessionStart" and set(kinds[1:]) == {"sessionUpdate"}, kinds
    refused("ResourceNotFoundException", tails.start_live_tail, logGroupIdentifiers=[arn + "x"])
    refused("InvalidParameterException", tails.start_live_tail, logGroupIdentifiers=[arn + ":*"])
    return {"streams": len(streams), "operations": sorted(logs.operations)}


def balancing():
    """Walks load balancers, target groups, targets and instances, in pages, and asks for what is not there."""
    elb, elbv2, ec2 = Pinned("elb"), Pinned("elbv2"), Pinned("ec2")
    groups = elbv2.describe_target_groups()["TargetGroups"]
    pages = paged_items(elbv2, "describe_target_groups", "TargetGroups", "TargetGroupArn", PageSize=2)
    assert pages == [group["TargetGroupArn"] for group in groups]
    states = set()
    for arn in pages:
        for target in elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]:
            health = target["TargetHealth"]
            assert (health["State"] == "healthy") == ("Reason" not in health), health
            states.add(health["State"])
        attributes = elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
        assert "deregistration_delay.timeout_seconds" in {attribute["Key"] for attribute in attributes}
    rules = 0
    for balancer in paged_items(elbv2, "describe_load_balancers", "LoadBalancers", "LoadBalancerArn", PageSize=1):
        for listener in paged_items(elbv2, "describe_listeners", "Listeners", "ListenerArn", LoadBalancerArn=balancer):
            all_rules = elbv2.describe_rules(ListenerArn=listener, PageSize=400)["Rules"]
            assert [rule["IsDefault"] for rule in all_rules][-1] and all_rules[-1]["Priority"] == "default"
            rules += len(all_rules)
    classic = elb.describe_load_balancers()["LoadBalancerDescriptions"]
    names = [balancer["LoadBalancerName"] for balancer in classic]
    registered = sum(len(elb.describe_instance_health(LoadBalancerName=name)["InstanceStates"]) for name in names)
    instances = [
        instance["InstanceId"]
        for page in ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5})
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
    ]
    one = ec2.describe_instances(Filters=[{"Name": "instance-id", "Values": instances[:1] + ["i-00000000000000000"]}])
    assert [it["InstanceId"] for reservation in one["Reservations"] for it in reservation["Instances"]] == instances[:1]
    missing = "arn:aws:elasticloadbalancing:eu-west-1:482913007156:targetgroup/none/0123456789abcdef"
    refused("TargetGroupNotFound", elbv2.describe_target_health, TargetGroupArn=missing)
    refused("TargetGroupNotFound", elbv2.describe_target_groups, TargetGroupArns=[missing])
    refused("LoadBalancerNotFound", elbv2.describe_load_balancers, Names=["none"])
    refused("LoadBalancerNotFound", elb.describe_instance_health, LoadBalancerName="none")
    refused("InvalidInstanceID.NotFound", ec2.describe_instances, InstanceIds=["i-00000000000000000"])
    operations = elb.operations | elbv2.operations | ec2.operations
    return {
        "states": sorted(states), "rules": rules, "registered": registered, "instances": len(instances),
        "operations": sorted(operations),
    }


def paged_items(client, operation, key, identity, **members):
    """Returns what markers lead through, and asserts that nothing comes twice."""
    items, marker = [], {}
    while True:
        page = getattr(client, operation)(**members, **marker)
        items += [item[identity] for item in page[key]]
        if "NextMarker" not in page:
            assert len(items) == len(set(items)), f"{operation}: items come twice"
            return items
        marker = {"Marker": page["NextMarker"]}


CHECKS = [
    agents, balancing, data_keys, denied, door, execute, faults, keys, logs, parameters, refusals, releases, retired, sizes, throttled,
    walk, watched,
]


def main(checks):
    check, *words = sys.argv[1:]
    print(json.dumps(next(it for it in checks if it.__name__ == check)(*words)))


if __name__ == "__main__":
    main(CHECKS)
