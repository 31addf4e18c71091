//! The command line as a script meets it: the real binary, its output and its exit code, against a simulated AWS and
//! with nothing of the user's in reach.

#[path = "common/way.rs"]
mod way;

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader},
    os::unix::ffi::OsStrExt,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use ecsui::sim::{Call, Fault, Options, Sim, World};
use insta::assert_snapshot;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A simulated AWS and a home of one's own.
struct Rig {
    _runtime: Runtime,
    home: TempDir,
    sim: Sim,
}

impl Rig {
    /// Starts a simulated AWS whose clock stands still.
    fn new(world: World) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let epoch = Some("2026-03-01T12:00:00Z".parse().expect("a time"));
        let sim = runtime.block_on(Sim::start(world, Options { epoch, ..Options::explicit() })).expect("a port");
        Self { _runtime: runtime, home: TempDir::new().expect("a directory"), sim }
    }

    /// Returns the account that most tests look at.
    fn shop() -> Self {
        let mut world = World::empty();
        for (cluster, services) in [("prod", &[("api", 2), ("cron", 0), ("支払い", 1)][..]), ("staging", &[("api", 1)])]
        {
            world.add_cluster(cluster);
            for (service, tasks) in services {
                world.add_service(cluster, service, *tasks);
            }
        }
        Self::new(world)
    }

    /// Returns the program with this line of words, let in to the simulated AWS.
    fn command(&self, line: &str) -> Command {
        way::command(&self.sim, self.home.path(), line)
    }

    /// Returns the program on a machine that knows no account.
    fn stranger(&self, line: &str) -> Command {
        way::stranger(self.home.path(), line)
    }

    /// Runs the program and returns all a script can see of it.
    fn run(&self, line: &str) -> String {
        self.see(self.command(line).output().expect("the program runs"))
    }

    /// Returns output and code as one text, without what differs from run to run.
    fn see(&self, output: Output) -> String {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        let code = output.status.code().map_or_else(|| output.status.to_string(), |code| code.to_string());
        let all = format!("{stdout}--- stderr\n{stderr}--- exit {code}\n");
        let all =
            all.replace(self.sim.endpoint(), "[endpoint]").replace(&*self.home.path().to_string_lossy(), "[home]");
        without_deployment_ids(&all)
    }

    /// Writes a file below the home.
    fn write(&self, path: &str, text: &str) {
        let path = self.home.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a directory");
        fs::write(path, text).expect("a file");
    }
}

/// Makes every digit of `ecs-svc/…` a zero: the simulated AWS makes these ids up.
fn without_deployment_ids(text: &str) -> String {
    let mut pieces = text.split("ecs-svc/");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        text + "ecs-svc/" + &"0".repeat(digits) + &piece[digits..]
    })
}

#[test]
fn list_prints_a_row_for_each_container_and_each_idle_service() {
    assert_snapshot!(Rig::shop().run("list"), @r#"
    CLUSTER  SERVICE  TASK                              CONTAINER  STATUS   HEALTH   EXEC   DEFINITION     IMAGE                                                             IP            STARTED
    prod     api      199e5933800d1bde31825f1e7c4d7749  app        RUNNING  HEALTHY  ready  prod-api:1     482913007156.dkr.ecr.eu-west-1.amazonaws.com/prod-api:plain-1     10.40.81.251  2026-02-14 13:01:08
    prod     api      199e5933800d1bde31825f1e7c4d7749  envoy      RUNNING  UNKNOWN  ready  prod-api:1     public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.1-prod          10.40.81.251  2026-02-14 13:01:08
    prod     api      7b66df7a00c29fc83de59ebe1f5faf14  app        RUNNING  HEALTHY  ready  prod-api:1     482913007156.dkr.ecr.eu-west-1.amazonaws.com/prod-api:plain-1     10.40.42.42   2026-02-14 13:01:08
    prod     api      7b66df7a00c29fc83de59ebe1f5faf14  envoy      RUNNING  UNKNOWN  ready  prod-api:1     public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.1-prod          10.40.42.42   2026-02-14 13:01:08
    prod     cron     -                                 -          -        -        -      -              -                                                                 -             -
    prod     支払い   91afdcf6752118bf599363d68d7ae941  app        RUNNING  HEALTHY  ready  prod-支払い:1  482913007156.dkr.ecr.eu-west-1.amazonaws.com/prod-支払い:plain-1  10.40.28.97   2026-02-22 12:01:58
    prod     支払い   91afdcf6752118bf599363d68d7ae941  envoy      RUNNING  UNKNOWN  ready  prod-支払い:1  public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.1-prod          10.40.28.97   2026-02-22 12:01:58
    staging  api      90b4a71fdf6e368780da17dd5450ff41  app        RUNNING  HEALTHY  ready  staging-api:1  482913007156.dkr.ecr.eu-west-1.amazonaws.com/staging-api:plain-1  10.40.46.111  2026-02-28 02:32:11
    staging  api      90b4a71fdf6e368780da17dd5450ff41  envoy      RUNNING  UNKNOWN  ready  staging-api:1  public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.1-prod          10.40.46.111  2026-02-28 02:32:11
    --- stderr
    --- exit 0
    "#);
}

#[test]
fn list_as_json_is_an_array_of_objects_and_nothing_else() {
    let rig = Rig::shop();
    let output = rig.command("list -o json --cluster staging").output().unwrap();
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_snapshot!(rig.see(output), @r#"
    [
    {"cluster":"staging","service":"api","task":"90b4a71fdf6e368780da17dd5450ff41","container":"app","status":"RUNNING","health":"HEALTHY","exec":"ready","definition":"staging-api:1","image":"482913007156.dkr.ecr.eu-west-1.amazonaws.com/staging-api:plain-1","ip":"10.40.46.111","started":"2026-02-28T02:32:11Z","launch":"FARGATE","zone":"eu-west-1a","group":null,"runtime_id":"90b4a71fdf6e368780da17dd5450ff41-2425782030","cluster_arn":"arn:aws:ecs:eu-west-1:482913007156:cluster/staging","task_arn":"arn:aws:ecs:eu-west-1:482913007156:task/staging/90b4a71fdf6e368780da17dd5450ff41"},
    {"cluster":"staging","service":"api","task":"90b4a71fdf6e368780da17dd5450ff41","container":"envoy","status":"RUNNING","health":"UNKNOWN","exec":"ready","definition":"staging-api:1","image":"public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.1-prod","ip":"10.40.46.111","started":"2026-02-28T02:32:11Z","launch":"FARGATE","zone":"eu-west-1a","group":null,"runtime_id":"90b4a71fdf6e368780da17dd5450ff41-0430577095","cluster_arn":"arn:aws:ecs:eu-west-1:482913007156:cluster/staging","task_arn":"arn:aws:ecs:eu-west-1:482913007156:task/staging/90b4a71fdf6e368780da17dd5450ff41"}
    ]
    --- stderr
    --- exit 0
    "#);
}

#[test]
fn list_as_tsv_has_no_heading() {
    let output = Rig::shop().command("-o tsv --cluster prod list").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!((lines.len(), lines[0].len()), (7, 17));
    assert_eq!(lines[0][..2], ["prod", "api"]);
    assert_eq!(lines[4][..5], ["prod", "cron", "", "", ""]);
}

#[test]
fn an_empty_account_is_no_failure() {
    let rig = Rig::new(World::empty());
    assert_snapshot!(rig.run("list"), @r#"
    CLUSTER  SERVICE  TASK  CONTAINER  STATUS  HEALTH  EXEC  DEFINITION  IMAGE  IP  STARTED
    --- stderr
    --- exit 0
    "#);
    assert_snapshot!(rig.run("list -o json"), @r#"
    []
    --- stderr
    --- exit 0
    "#);
}

#[test]
fn ls_prints_clusters_services_and_one_service_in_full() {
    let rig = Rig::shop();
    assert_snapshot!(rig.run("ls"), @r#"
    CLUSTER  STATUS  SERVICES  RUNNING  PENDING  INSTANCES
    prod     ACTIVE  3         3        0        0
    staging  ACTIVE  1         1        0        0
    --- stderr
    --- exit 0
    "#);
    assert_snapshot!(rig.run("ls prod"), @r#"
    SERVICE  STATUS  DESIRED  RUNNING  PENDING  DEFINITION     ROLLOUT    DEPLOYED             LAUNCH   EXEC
    api      ACTIVE  2        2        0        prod-api:1     COMPLETED  2026-02-14 13:00:37  FARGATE  yes
    cron     ACTIVE  0        0        0        prod-cron:1    COMPLETED  2026-02-23 11:53:44  FARGATE  yes
    支払い   ACTIVE  1        1        0        prod-支払い:1  COMPLETED  2026-02-22 12:01:27  FARGATE  yes
    --- stderr
    --- exit 0
    "#);
    assert_snapshot!(rig.run("ls prod api"), @r#"
    Cluster prod (ACTIVE): 3 services, 3 tasks running, 0 pending, 0 instances

    SERVICE  STATUS  DESIRED  RUNNING  PENDING  DEFINITION  ROLLOUT    DEPLOYED             LAUNCH   EXEC
    api      ACTIVE  2        2        0        prod-api:1  COMPLETED  2026-02-14 13:00:37  FARGATE  yes

    Deployments
    ID                           STATUS   ROLLOUT    DESIRED  RUNNING  PENDING  FAILED  DEFINITION  CREATED              REASON
    ecs-svc/0000000000000000000  PRIMARY  COMPLETED  2        2        0        0       prod-api:1  2026-02-14 13:00:37  ECS deployment ecs-svc/0000000000000000000 completed.

    Tasks
    TASK                              STATUS   DESIRED  HEALTH   DEFINITION  IP            ZONE        STARTED              EXEC       WARNING
    199e5933800d1bde31825f1e7c4d7749  RUNNING  RUNNING  HEALTHY  prod-api:1  10.40.81.251  eu-west-1b  2026-02-14 13:01:08  app envoy  -
    7b66df7a00c29fc83de59ebe1f5faf14  RUNNING  RUNNING  HEALTHY  prod-api:1  10.40.42.42   eu-west-1a  2026-02-14 13:01:08  app envoy  -

    Task definition prod-api:1
    CONTAINER  IMAGE                                                          ESSENTIAL  CPU  MEMORY  PORTS          ENTRY POINT  COMMAND
    app        482913007156.dkr.ecr.eu-west-1.amazonaws.com/prod-api:plain-1  yes        192  -       8080:8080/tcp  -            -
    envoy      public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.1-prod       no         64   -       -              -            -
    --- stderr
    --- exit 0
    "#);
    assert_snapshot!(rig.run("ls staging api -o json"), @r#"
    [
    {"service":"api","status":"ACTIVE","desired":1,"running":1,"pending":0,"definition":"staging-api:1","rollout":"COMPLETED","deployed":"2026-02-28T02:31:40Z","launch":"FARGATE","exec":true,"arn":"arn:aws:ecs:eu-west-1:482913007156:service/staging/api","created":"2026-02-28T02:31:40Z","deployments":[{"id":"ecs-svc/0000000000000000000","status":"PRIMARY","rollout":"COMPLETED","desired":1,"running":1,"pending":0,"failed":0,"definition":"staging-api:1","created":"2026-02-28T02:31:40Z","reason":"ECS deployment ecs-svc/0000000000000000000 completed."}],"tasks":[{"task":"90b4a71fdf6e368780da17dd5450ff41","status":"RUNNING","desired":"RUNNING","health":"HEALTHY","definition":"staging-api:1","ip":"10.40.46.111","zone":"eu-west-1a","started":"2026-02-28T02:32:11Z","exec":"app envoy","warning":null}],"containers":[{"container":"app","image":"482913007156.dkr.ecr.eu-west-1.amazonaws.com/staging-api:plain-1","essential":true,"cpu":192,"memory":null,"memory_reservation":null,"ports":"8080:8080/tcp","entry_point":null,"command":null},{"container":"envoy","image":"public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.1-prod","essential":false,"cpu":64,"memory":null,"memory_reservation":null,"ports":null,"entry_point":null,"command":null}],"events":[],"load_balancers":null,"environment":null}
    ]
    --- stderr
    --- exit 0
    "#);
}

#[test]
fn names_that_nothing_has_are_named() {
    let rig = Rig::shop();
    assert_snapshot!(rig.run("ls nowhere"), @r#"
    --- stderr
    error: no cluster or service matches "nowhere"
    hint: `ecsui ls` shows all there are; is it in another region?
    --- exit 1
    "#);
    assert_snapshot!(rig.run("ls prod nothing"), @r#"
    --- stderr
    error: no cluster or service matches "prod nothing"
    hint: `ecsui ls` shows all there are; is it in another region?
    --- exit 1
    "#);
    assert_snapshot!(rig.run("login nothing here"), @r#"
    --- stderr
    error: no container matches "nothing here"
    hint: `ecsui list` shows all there are; is it in another region?
    --- exit 255
    "#);
}

#[test]
fn words_that_mean_several_are_answered_with_the_candidates() {
    assert_snapshot!(Rig::shop().run("login api"), @r#"
    --- stderr
    error: "api" may mean several: prod/api, staging/api
    hint: name more of it
    --- exit 2
    "#);
}

#[test]
fn a_session_needs_a_terminal() {
    let rig = Rig::shop();
    assert_snapshot!(rig.run("exec prod/api app -- true"), @r#"
    --- stderr
    error: a session needs a terminal: standard input is not a terminal
    hint: run it without pipes and redirections
    --- exit 255
    "#);
    assert_snapshot!(rig.run("login prod/api"), @r#"
    --- stderr
    error: a session needs a terminal: standard input is not a terminal
    hint: run it without pipes and redirections
    --- exit 255
    "#);
    assert_snapshot!(rig.run("prod api"), @r#"
    --- stderr
    error: the browser needs a terminal: standard input is not a terminal
    hint: `ecsui --help` shows the commands that do without one
    --- exit 1
    "#);
    assert!(rig.sim.calls().iter().all(|call| call.operation != "ExecuteCommand"));
}

#[test]
fn a_command_line_that_cannot_be_understood_ends_with_2() {
    let rig = Rig::shop();
    assert_snapshot!(rig.run("list -p dev"), @r#"
    --- stderr
    error: unexpected argument '-p' found

    Usage: ecsui list [OPTIONS]

    For more information, try '--help'.
    --- exit 2
    "#);
    assert_snapshot!(rig.run("exec prod/api"), @r#"
    --- stderr
    error: the following required arguments were not provided:
      <COMMAND>...

    Usage: ecsui exec <TARGET>... -- <COMMAND>...

    For more information, try '--help'.
    --- exit 2
    "#);
    assert_snapshot!(rig.run("list --output yaml"), @r#"
    --- stderr
    error: invalid value 'yaml' for '--output <FORMAT>'
      [possible values: table, json, tsv]

    For more information, try '--help'.
    --- exit 2
    "#);
    assert_snapshot!(rig.run("demo --profile dev"), @r#"
    --- stderr
    error: demo has an account of its own and takes no --profile
    --- exit 2
    "#);
}

#[test]
fn a_profile_that_is_not_there_is_said_with_those_that_are() {
    let rig = Rig::shop();
    rig.write(".aws/config", "[profile dev]\nregion = eu-west-1\n[profile prod]\nregion = eu-west-1\n");
    assert_snapshot!(rig.run("--profile dve list"), @r#"
    --- stderr
    error: AWS cannot be used: there is no profile "dve" in the AWS configuration
    hint: did you mean dev?
    hint: the profiles are: dev, prod
    --- exit 2
    "#);
    let nobody = Rig::shop();
    assert_snapshot!(nobody.run("--profile dev list"), @r#"
    --- stderr
    error: AWS cannot be used: there is no profile "dev" in the AWS configuration
    hint: no profile is set up on this machine: `aws configure sso` or `aws configure` makes one
    --- exit 2
    "#);
}

#[test]
fn the_profile_is_the_flags_then_the_environments_then_the_files() {
    let rig = Rig::shop();
    let asked = |mut command: Command| rig.see(command.output().unwrap());
    let set = |variables: &[(&str, &str)]| {
        let mut command = rig.command("ls");
        command.envs(variables.iter().copied());
        command
    };
    let says = |text: String, profile: &str| assert!(text.contains(&format!("no profile {profile:?}")), "{text}");
    let all = [("ECSUI_PROFILE", "one"), ("ECSCREDENTIAL", "two"), ("AWS_PROFILE", "three")];
    says(asked(set(&all)), "one");
    says(asked(set(&all[1..])), "two");
    says(asked(set(&all[2..])), "three");
    let mut command = set(&all);
    command.args(["--profile", "zero"]);
    says(asked(command), "zero");
    rig.write(".config/ecsui/config.toml", "profile = \"four\"\n");
    says(asked(set(&all[2..])), "three");
    says(asked(set(&[])), "four");
    let mut command = set(&all);
    command.args(["--profile", "env"]);
    assert!(asked(command).ends_with("--- exit 0\n"));
}

#[test]
fn without_credentials_or_region_it_says_so() {
    let rig = Rig::shop();
    assert_snapshot!(rig.see(rig.stranger("list").output().unwrap()), @r#"
    --- stderr
    error: AWS cannot be used: no region is set
    hint: choose one with --region, AWS_REGION, or `region = …` in the profile
    --- exit 2
    "#);
    assert_snapshot!(rig.see(rig.stranger("list --region eu-west-1").output().unwrap()), @r#"
    --- stderr
    error: AWS cannot be used: profile default: no credentials were found
    hint: choose a profile with --profile, set one up with `aws configure sso`, or put keys into the environment
    --- exit 1
    "#);
    assert_snapshot!(rig.run("list --region Mars"), @r#"
    --- stderr
    error: AWS cannot be used: "Mars" is not the name of a region
    hint: regions look like eu-west-1
    --- exit 2
    "#);
    assert_snapshot!(rig.run("list --endpoint-url localhost:1"), @r#"
    --- stderr
    error: AWS cannot be used: "localhost:1" is not an endpoint URL
    hint: endpoint URLs look like http://127.0.0.1:5555
    --- exit 2
    "#);
}

#[test]
fn keys_that_aws_does_not_know_are_said() {
    let rig = Rig::shop();
    let output = rig.command("ls").env("AWS_SECRET_ACCESS_KEY", "wrong").output().unwrap();
    assert_snapshot!(rig.see(output), @r#"
    --- stderr
    error: the clusters cannot be listed: ecs:ListClusters: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
    hint: get fresh credentials for profile default
    --- exit 1
    "#);
}

#[test]
fn what_iam_denies_is_named_with_the_action() {
    let rig = Rig::shop();
    let message = "User: arn:aws:iam::482913007156:user/mia is not authorized to perform: ecs:ListClusters on resource: * \
                   because no identity-based policy allows the ecs:ListClusters action";
    rig.sim.fault(Fault::error("ListClusters", "AccessDeniedException", message));
    assert_snapshot!(rig.run("list"), @r#"
    --- stderr
    error: the clusters cannot be listed: not allowed: ecs:ListClusters on * (no identity-based policy allows the ecs:ListClusters action)
    hint: ask for ecs:ListClusters on * for arn:aws:iam::482913007156:user/mia
    --- exit 1
    "#);
}

#[test]
fn nobody_there_is_said_with_the_endpoint() {
    let rig = Rig::shop();
    assert_snapshot!(rig.run("list --endpoint-url http://127.0.0.1:1"), @r#"
    --- stderr
    error: the clusters cannot be listed: ecs:ListClusters: cannot be reached: Connection refused (os error 111)
    hint: calls go to http://127.0.0.1:1 instead of AWS: is something there?
    --- exit 1
    "#);
}

#[test]
fn a_config_that_is_wrong_is_refused_with_file_and_line() {
    let rig = Rig::shop();
    rig.write(".config/ecsui/config.toml", "utc = true\n\nrefersh_seconds = 3\n");
    assert_snapshot!(rig.run("list"), @r#"
    --- stderr
    error: [home]/.config/ecsui/config.toml:3:1: unknown field `refersh_seconds`, expected one of `profile`, `region`, `endpoint_url`, `refresh_seconds`, `shell`, `utc`, `read_only`, `parameters_path`, `color`, `theme`, `plain`, `mouse`, `hyperlinks`, `browser`, `editor`, `colors`, `guard`, `action`, `jump`, `session`, `keys`
    --- exit 1
    "#);
    rig.write("mine.toml", "utc = \"yes\"\n");
    assert_snapshot!(rig.run("list --config mine.toml"), @r#"
    --- stderr
    error: mine.toml:1:7: invalid type: string "yes", expected a boolean
    --- exit 1
    "#);
    assert_snapshot!(rig.run("list --config gone.toml"), @r#"
    --- stderr
    error: the config file gone.toml cannot be read: No such file or directory (os error 2)
    --- exit 1
    "#);
}

#[test]
fn the_config_says_where_it_is_and_what_holds() {
    let rig = Rig::shop();
    assert_snapshot!(rig.run("config path"), @r#"
    [home]/.config/ecsui/config.toml
    --- stderr
    --- exit 0
    "#);
    assert_snapshot!(rig.run("config check"), @r#"
    --- stderr
    --- exit 0
    "#);
    rig.write(
        ".config/ecsui/config.toml",
        "utc = true\nregion = \"eu-west-9\"\n[session]\nescape = \"%\"\n[keys]\nhelp = \"f9\"\n",
    );
    let told = |line: &str| {
        let all = rig.run(line);
        all.lines()
            .filter(|line| !(line.contains("keys.") || line.contains("colors.")) || line.contains("keys.help"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_snapshot!(told("--read-only -o tsv config show"), @r#"
    profile		default	
    region	eu-west-1	variable	AWS_REGION
    endpoint_url	[endpoint]	variable	AWS_ENDPOINT_URL
    refresh_seconds	10	default	
    shell		default	
    utc	true	file	[home]/.config/ecsui/config.toml:1
    read_only	true	flag	--read-only
    parameters_path		default	
    color	true	default	
    theme	auto	default	
    plain	false	default	
    mouse	true	default	
    hyperlinks	true	default	
    browser		default	
    editor	vi	default	
    session.transport	native	default	
    session.escape	%	file	[home]/.config/ecsui/config.toml:4
    session.leave	ctrl-]	default	
    keys.help	["f9", "ctrl-x ?"]	file	[home]/.config/ecsui/config.toml:6
    --- stderr
    --- exit 0
    "#);
    assert_snapshot!(told("config show -o json"), @r#"
    [
    {"setting":"profile","value":null,"from":"default","where":null},
    {"setting":"region","value":"eu-west-1","from":"variable","where":"AWS_REGION"},
    {"setting":"endpoint_url","value":"[endpoint]","from":"variable","where":"AWS_ENDPOINT_URL"},
    {"setting":"refresh_seconds","value":10,"from":"default","where":null},
    {"setting":"shell","value":null,"from":"default","where":null},
    {"setting":"utc","value":true,"from":"file","where":"[home]/.config/ecsui/config.toml:1"},
    {"setting":"read_only","value":false,"from":"default","where":null},
    {"setting":"parameters_path","value":null,"from":"default","where":null},
    {"setting":"color","value":true,"from":"default","where":null},
    {"setting":"theme","value":"auto","from":"default","where":null},
    {"setting":"plain","value":false,"from":"default","where":null},
    {"setting":"mouse","value":true,"from":"default","where":null},
    {"setting":"hyperlinks","value":true,"from":"default","where":null},
    {"setting":"browser","value":null,"from":"default","where":null},
    {"setting":"editor","value":"vi","from":"default","where":null},
    {"setting":"session.transport","value":"native","from":"default","where":null},
    {"setting":"session.escape","value":"%","from":"file","where":"[home]/.config/ecsui/config.toml:4"},
    {"setting":"session.leave","value":"ctrl-]","from":"default","where":null},
    {"setting":"keys.help","value":"[\"f9\", \"ctrl-x ?\"]","from":"file","where":"[home]/.config/ecsui/config.toml:6"},
    ]
    --- stderr
    --- exit 0
    "#);
    let flagged = told("config show --profile me");
    assert!(
        flagged.lines().any(|line| line.split_whitespace().eq(["profile", "me", "flag", "--profile"])),
        "{flagged}"
    );
    assert_snapshot!(rig.run("config check -o json"), @r#"
    []
    --- stderr
    --- exit 0
    "#);
}

#[test]
fn all_that_is_wrong_in_the_config_is_said_at_once() {
    let rig = Rig::shop();
    rig.write("bad.toml", "utc = \"yes\"\nregon = \"x\"\n[keys]\nhelp = \"strg-h\"\n");
    assert_snapshot!(rig.run("--config bad.toml config check"), @r#"
    bad.toml:1:7: invalid type: string "yes", expected a boolean
    bad.toml:2:1: unknown field `regon`, expected one of `profile`, `region`, `endpoint_url`, `refresh_seconds`, `shell`, `utc`, `read_only`, `parameters_path`, `color`, `theme`, `plain`, `mouse`, `hyperlinks`, `browser`, `editor`, `colors`, `guard`, `action`, `jump`, `session`, `keys`
    bad.toml:4:8: "strg-h" is no key: expected for instance `ctrl-r`, `f5`, `shift-tab`, `alt-enter` or `ctrl-x e`
    --- stderr
    --- exit 1
    "#);
    assert_snapshot!(rig.run("config check bad.toml -o json"), @r#"
    [
    {"file":"bad.toml","line":1,"column":7,"what":"invalid type: string \"yes\", expected a boolean"},
    {"file":"bad.toml","line":2,"column":1,"what":"unknown field `regon`, expected one of `profile`, `region`, `endpoint_url`, `refresh_seconds`, `shell`, `utc`, `read_only`, `parameters_path`, `color`, `theme`, `plain`, `mouse`, `hyperlinks`, `browser`, `editor`, `colors`, `guard`, `action`, `jump`, `session`, `keys`"},
    {"file":"bad.toml","line":4,"column":8,"what":"\"strg-h\" is no key: expected for instance `ctrl-r`, `f5`, `shift-tab`, `alt-enter` or `ctrl-x e`"}
    ]
    --- stderr
    --- exit 1
    "#);
    assert_snapshot!(rig.run("config show --config bad.toml"), @r#"
    --- stderr
    error: bad.toml:1:7: invalid type: string "yes", expected a boolean
    --- exit 1
    "#);
    assert_snapshot!(rig.run("config check gone.toml"), @r#"
    --- stderr
    error: the config file gone.toml cannot be read: No such file or directory (os error 2)
    --- exit 1
    "#);
    assert_snapshot!(rig.run("config path --config bad.toml -o json"), @r#"
    [
    {"path":"bad.toml","exists":true}
    ]
    --- stderr
    --- exit 0
    "#);
}

#[test]
fn names_with_escape_sequences_are_shown_and_not_obeyed() {
    let mut world = World::empty();
    world.add_cluster("prod\u{1b}]0;owned\u{7}\u{202e}");
    world.add_service("prod\u{1b}]0;owned\u{7}\u{202e}", "api\r\n\u{9b}2J", 1);
    let rig = Rig::new(world);
    for line in ["list", "ls", "ls prod", "ls prod api", "list -o tsv", "list -o json", "login nothing", "ls nothing"] {
        let seen = rig.run(line);
        assert!(seen.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "{line}: {seen:?}");
        assert!(!seen.contains('\u{202e}'), "{line}: {seen:?}");
    }
    let rows: serde_json::Value =
        serde_json::from_slice(&rig.command("list -o json").output().unwrap().stdout).unwrap();
    assert_eq!(rows[0]["service"], "api\r\n\u{9b}2J");
}

#[test]
fn arguments_that_are_no_text_are_refused() {
    let rig = Rig::shop();
    let output = rig.command("ls").arg(OsStr::from_bytes(b"\xff\x1b[2J")).output().unwrap();
    assert_snapshot!(rig.see(output), @r#"
    --- stderr
    error: invalid UTF-8 was detected in one or more arguments

    Usage: ecsui ls [OPTIONS] [TARGET]...

    For more information, try '--help'.
    --- exit 2
    "#);
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let rig = Rig::new(World::grid(1, 40, 5));
    for line in ["list", "list -o json", "ls", "--help"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = rig.command(line).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), &*String::from_utf8_lossy(&output.stderr)), (Some(0), ""), "{line}");
    }
}

#[test]
fn colours_are_for_terminals_and_those_who_ask() {
    let rig = Rig::shop();
    assert!(!rig.run("ls nowhere").contains('\u{1b}'));
    assert!(rig.run("ls nowhere --color always").contains("\u{1b}[1;31merror:"));
}

#[test]
fn the_log_goes_to_a_file_and_holds_no_secret() {
    let rig = Rig::shop();
    let output = rig.command("ls nowhere --log-file log").env("ECSUI_LOG", "trace").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log = fs::read_to_string(rig.home.path().join("log")).unwrap();
    assert!(log.contains("failed"), "{log}");
    assert!(!log.contains(rig.sim.secret_key()), "{log}");
}

#[test]
fn help_and_version_are_results() {
    let rig = Rig::shop();
    assert_snapshot!(rig.run("--version"), @r#"
    ecsui 0.1.0
    --- stderr
    --- exit 0
    "#);
    for line in ["--help", "-h", "list --help", "help exec", "demo --help"] {
        let output = rig.command(line).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{line}");
        assert!(!output.stdout.is_empty(), "{line}");
    }
}

#[test]
fn the_demos_exports_let_any_shell_in_until_it_is_stopped() {
    let rig = Rig::shop();
    let mut command = rig.stranger("demo --serve --scale small");
    let mut demo = Demo(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(demo.0.stdout.take().unwrap()).lines();
    let exports: Vec<String> = lines.by_ref().take(6).map(Result::unwrap).collect();
    assert!(exports[..5].iter().all(|line| line.starts_with("export AWS_")), "{exports:?}");
    assert!(exports[5].starts_with("unset AWS_PROFILE "), "{exports:?}");

    let script = format!("{}\n\"$ECSUI\" list -o tsv | wc -l", exports.join("\n"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env_clear().env("HOME", rig.home.path()).env("PATH", "/usr/bin:/bin");
    shell.env("ECSUI", env!("CARGO_BIN_EXE_ecsui")).env("AWS_PROFILE", "nobody");
    let seen = shell.output().unwrap();
    // 2 clusters × 10 services × 2 tasks × 2 containers.
    assert_eq!(String::from_utf8_lossy(&seen.stdout).trim(), "80", "{}", String::from_utf8_lossy(&seen.stderr));

    let stopped = Command::new("kill").arg(demo.0.id().to_string()).status().unwrap();
    assert!(stopped.success());
    assert_eq!(demo.0.wait().unwrap().code(), Some(0));
    assert!(lines.next().is_none());
}

/// A simulated AWS in a process of its own, ended with the test in every case.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

#[test]
fn a_large_account_takes_no_more_calls_than_aws_pages_ask_for() {
    let rig = Rig::new(World::grid(5, 100, 3));
    let output = rig.command("list -o json").output().unwrap();
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 3_000);
    let calls = rig.sim.calls().len();
    assert!(calls <= 37, "{calls} calls");
}

#[test]
fn every_count_of_things_is_listed_whole() {
    for count in [0, 1, 9, 10, 11, 100, 101, 250] {
        let mut world = World::empty();
        world.add_cluster("prod");
        for service in 0..count {
            world.add_service("prod", &format!("service-{service:03}"), 0);
        }
        world.add_cluster("tasks");
        world.add_service("tasks", "api", count);
        (2..count).for_each(|cluster| drop(world.add_cluster(&format!("cluster-{cluster:03}"))));
        let rig = Rig::new(world);
        let lines = |line: &str| {
            let output = rig.command(line).output().unwrap();
            assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap().lines().count()
        };
        assert_eq!(lines("ls -o tsv"), count.max(2), "clusters");
        assert_eq!(lines("ls prod -o tsv"), count, "services");
        assert_eq!(lines("list --cluster prod -o tsv"), count, "idle services");
        assert_eq!(lines("list --cluster tasks -o tsv"), (2 * count).max(1), "containers");
        let is_empty = |value: &serde_json::Value| value.as_array().is_some_and(Vec::is_empty);
        let of_nothing = |call: &Call| call.body.as_object().is_some_and(|body| body.values().any(is_empty));
        assert!(!rig.sim.calls().iter().any(of_nothing), "something was asked about nothing");
    }
}
