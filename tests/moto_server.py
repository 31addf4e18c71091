"""Serves moto on a free port of loopback and fills it as tests/moto.rs asks, one JSON object a line.

Prints the endpoint first, and `ready` after each request. Ends with its standard input.
"""

import json
import logging
import sys
import time

import boto3
from moto.moto_api import state_manager
from moto.moto_api._internal import moto_api_backend
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)


def client(service, endpoint):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="AKID",
        aws_secret_access_key="secret",
    )


def fill(endpoint, clusters, services, tasks):
    ecs, ec2 = client("ecs", endpoint), client("ec2", endpoint)
    ecs.register_task_definition(
        family="web",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": "nginx:1", "memory": 128, "essential": True}],
    )
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}}
    for number in range(clusters):
        cluster = f"cluster-{number:03}"
        ecs.create_cluster(clusterName=cluster)
        for service in range(services):
            ecs.create_service(cluster=cluster, serviceName=f"web-{service:03}", taskDefinition="web", desiredCount=1)
        for start in range(0, tasks, 10):
            ecs.run_task(
                cluster=cluster,
                taskDefinition="web",
                launchType="FARGATE",
                count=min(10, tasks - start),
                networkConfiguration=network,
            )


def watch(endpoint, cluster, service):
    """Scales a service, and gives it parameters."""
    scaling, ssm = client("application-autoscaling", endpoint), client("ssm", endpoint)
    of = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{cluster}/{service}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling.register_scalable_target(**of, MinCapacity=2, MaxCapacity=9)
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    scaling.put_scaling_policy(
        **of,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 60, "PredefinedMetricSpecification": metric},
    )
    for number in range(25):
        ssm.put_parameter(Name=f"/application/{service}/P{number:02}", Value="x", Type="String")
    ssm.put_parameter(Name=f"/application/{service}/SECRET", Value="geheim", Type="SecureString", KeyId="alias/web")


def front(endpoint, cluster):
    """Puts an application load balancer before one service and a classic one before another, whose instance is one."""
    ecs, ec2 = client("ecs", endpoint), client("ec2", endpoint)
    elbv2, elb = client("elbv2", endpoint), client("elb", endpoint)
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    balancer = elbv2.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    groups = [
        elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip", HealthCheckPath="/healthz"
        )["TargetGroups"][0]["TargetGroupArn"]
        for name in ["front", "other"]
    ]
    elbv2.modify_target_group_attributes(
        TargetGroupArn=groups[0], Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "45"}]
    )
    otherwise = {"Type": "forward", "TargetGroupArn": groups[1]}
    listener = elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[otherwise])
    elbv2.create_rule(
        ListenerArn=listener["Listeners"][0]["ListenerArn"],
        Priority=7,
        Conditions=[{"Field": "path-pattern", "Values": ["/shop/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": groups[0]}],
    )
    elbv2.register_targets(TargetGroupArn=groups[0], Targets=[{"Id": "10.0.0.7", "Port": 8080}, {"Id": "10.0.0.8"}])
    image = ec2.describe_images()["Images"][0]["ImageId"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "ecs-a"}]}]
    run = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, InstanceType="m6i.large", SubnetId=subnets[0], TagSpecifications=tags
    )
    instance = run["Instances"][0]["InstanceId"]
    document = json.dumps({"instanceId": instance, "region": "eu-west-1", "accountId": "123456789012"})
    ecs.register_container_instance(cluster=cluster, instanceIdentityDocument=document)
    elb.create_load_balancer(
        LoadBalancerName="old",
        Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 32000}],
        Subnets=subnets,
    )
    elb.register_instances_with_load_balancer(LoadBalancerName="old", Instances=[{"InstanceId": instance}])
    fronts = {"fronted": {"targetGroupArn": groups[0]}, "classic": {"loadBalancerName": "old"}}
    for service, attached in fronts.items():
        attached |= {"containerName": "app", "containerPort": 8080}
        ecs.create_service(
            cluster=cluster, serviceName=service, taskDefinition="web", desiredCount=1, loadBalancers=[attached]
        )


def log(endpoint, cluster, lines):
    """Runs a task that logs so many lines, and another stream of the group that is nobody's."""
    ecs, ec2, logs = client("ecs", endpoint), client("ec2", endpoint), client("logs", endpoint)
    options = {"awslogs-group": "/ecs/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"}
    ecs.register_task_definition(
        family="logging",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[
            {
                "name": "app",
                "image": "nginx:1",
                "memory": 128,
                "essential": True,
                "logConfiguration": {"logDriver": "awslogs", "options": options},
            }
        ],
    )
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    task = ecs.run_task(
        cluster=cluster,
        taskDefinition="logging",
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}},
    )["tasks"][0]["taskArn"].split("/")[-1]
    logs.create_log_group(logGroupName="/ecs/web")
    now = int(time.time() * 1000)
    for stream, text in [(f"web/app/{task}", "line"), ("web/app/nobody", "stray")]:
        logs.create_log_stream(logGroupName="/ecs/web", logStreamName=stream)
        for start in range(0, lines, 1000):
            numbers = range(start, min(start + 1000, lines))
            events = [{"timestamp": now - lines + number, "message": f"{text} {number:05}"} for number in numbers]
            logs.put_log_events(logGroupName="/ecs/web", logStreamName=stream, logEvents=events)


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    print(endpoint, flush=True)
    for line in sys.stdin:
        moto_api_backend.reset()
        # Otherwise each look at a task ages it, and the fourth finds it stopped.
        state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1_000_000})
        request = json.loads(line)
        watched, fronted, lines = request.pop("watch", None), request.pop("front", None), request.pop("log", None)
        fill(endpoint, **request)
        if fronted:
            front(endpoint, fronted)
        if lines:
            log(endpoint, "cluster-000", lines)
        if watched:
            watch(endpoint, *watched)
        print("ready", flush=True)
    server.stop()


main()
