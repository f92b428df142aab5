using System.Security.Cryptography;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using Wombat.Infrastructure.Processes;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>
/// A real kube-apiserver with its etcd and CloudNativePG's definitions. There is no controller and no node: whatever one would do, the
/// tests do.
/// </summary>
public sealed class KubernetesServer : IAsyncDisposable
{
    /// <summary>A user who may do everything.</summary>
    public const string Admin = "admin";

    /// <summary>A user with the permissions that the documentation asks for.</summary>
    public const string Wombat = "wombat";

    /// <summary>A user without any permission but those that a test gives.</summary>
    public const string Limited = "limited";

    private const string ExecVersion = "client.authentication.k8s.io/v1";
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(25);

    private readonly TestFolder folder = new();
    private readonly List<PeerProcess> processes = [];
    private readonly TestCertificate certificate = TestCertificate.Create();
    private int kubeconfigs;

    private readonly string programs;

    private KubernetesServer(int port, string programs) => (Port, this.programs) = (port, programs);

    public int Port { get; }

    /// <summary>A client with all permissions.</summary>
    public k8s.Kubernetes Client { get; private set; } = null!;

    /// <param name="audits">Whether the requests of users without all permissions are recorded.</param>
    public static async Task<KubernetesServer> StartAsync(bool audits = false)
    {
        var server = new KubernetesServer(FreePort.Next(), await ProgramsAsync());
        await server.RunAsync(audits);
        return server;
    }

    /// <summary>The requests of a user so far, by verb and resource, such as <c>watch clusters</c>. They must be audited.</summary>
    public IReadOnlyDictionary<string, int> CountRequests(string user)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        using var reader = new StreamReader(new FileStream(At("audit.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { } line)
        {
            var entry = JsonNode.Parse(line)!;
            if ((string?)entry["user"]?["username"] == user)
            {
                var what = $"{entry["verb"]} {entry["objectRef"]?["resource"]}";
                counts[what] = counts.GetValueOrDefault(what) + 1;
            }
        }

        return counts;
    }

    /// <summary>Writes a kubeconfig file and returns its path.</summary>
    /// <param name="port">Where the server is reached; null for its own port.</param>
    public string Kubeconfig(string user, int? port = null) => WriteKubeconfig($$"""{token: "{{Token(user)}}"}""", port);

    /// <summary>Writes a kubeconfig file that gets its token from a program, and returns its path.</summary>
    /// <param name="script">The lines of a shell script that prints an ExecCredential; null for one with the token of the user.</param>
    public string ExecKubeconfig(string user, string? script = null)
    {
        var program = Path.Combine(folder.Path, $"credential-{Interlocked.Increment(ref kubeconfigs)}.sh");
        var status = $$"""{"token": "{{Token(user)}}"}""";
        var credential = $$"""{"apiVersion": "{{ExecVersion}}", "kind": "ExecCredential", "status": {{status}} }""";
        File.WriteAllText(program, $"#!/bin/sh\n{script ?? $"echo '{credential}'"}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return WriteKubeconfig($$"""{exec: {apiVersion: {{ExecVersion}}, command: "{{program}}", interactiveMode: Never} }""", null);
    }

    private string WriteKubeconfig(string credential, int? port)
    {
        var file = Path.Combine(folder.Path, $"kubeconfig-{Interlocked.Increment(ref kubeconfigs)}");
        File.WriteAllText(
            file,
            $"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{"{"}name: test, cluster: {"{"}server: "https://127.0.0.1:{port ?? Port}", certificate-authority: "{At(
                "ca.pem"
            )}"{"}"}{"}"}]
            users: [{"{"}name: test, user: {credential}{"}"}]
            contexts: [{"{"}name: test, context: {"{"}cluster: test, user: test{"}"}{"}"}]
            """
        );
        return file;
    }

    /// <summary>Runs a line of a shell, in which kubectl acts as the user, and returns what it prints.</summary>
    public async Task<string> RunKubectlAsync(string user, string line)
    {
        var ended = await ChildProcess.RunAsync(
            new ChildCommand("/bin/sh", ["-c", line], TimeSpan.FromMinutes(1))
            {
                Environment = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}",
                    ["KUBECONFIG"] = Kubeconfig(user),
                    ["HOME"] = folder.Path,
                },
            },
            CancellationToken.None
        );
        return ended.ExitCode == 0 ? ended.Output : throw new InvalidOperationException($"{line}: {ended.ErrorTail}");
    }

    /// <summary>Starts a proxy before the server, which has the same certificate.</summary>
    public Task<FaultyKubernetes> StartProxyAsync() => FaultyKubernetes.StartAsync(Port, certificate);

    public async Task CreateNamespaceAsync(string name) =>
        await Client.CoreV1.CreateNamespaceAsync(new k8s.Models.V1Namespace { Metadata = new k8s.Models.V1ObjectMeta { Name = name } });

    /// <summary>Lets a user do what the rules say, everywhere.</summary>
    public async Task GrantAsync(string user, string role, params k8s.Models.V1PolicyRule[] rules)
    {
        var metadata = new k8s.Models.V1ObjectMeta { Name = role };
        await Client.RbacAuthorizationV1.CreateClusterRoleAsync(new k8s.Models.V1ClusterRole { Metadata = metadata, Rules = rules });
        await Client.RbacAuthorizationV1.CreateClusterRoleBindingAsync(
            new k8s.Models.V1ClusterRoleBinding
            {
                Metadata = metadata,
                RoleRef = new k8s.Models.V1RoleRef
                {
                    ApiGroup = "rbac.authorization.k8s.io",
                    Kind = "ClusterRole",
                    Name = role,
                },
                Subjects =
                [
                    new k8s.Models.Rbacv1Subject
                    {
                        Kind = "User",
                        Name = user,
                        ApiGroup = "rbac.authorization.k8s.io",
                    },
                ],
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        foreach (var process in Enumerable.Reverse(processes))
        {
            await process.DisposeAsync();
        }

        folder.Dispose();
    }

    private async Task RunAsync(bool audits)
    {
        var (etcd, peer) = (FreePort.Next(), FreePort.Next());
        var (etcdUrl, peerUrl) = ($"http://127.0.0.1:{etcd}", $"http://127.0.0.1:{peer}");
        await WriteFilesAsync();
        processes.Add(
            await PeerProcess.StartAsync(
                etcd,
                Path.Combine(programs, "etcd"),
                "--data-dir",
                At("etcd"),
                "--listen-client-urls",
                etcdUrl,
                "--advertise-client-urls",
                etcdUrl,
                "--listen-peer-urls",
                peerUrl,
                "--initial-advertise-peer-urls",
                peerUrl,
                "--initial-cluster",
                $"default={peerUrl}",
                "--log-level",
                "error"
            )
        );
        processes.Add(
            await PeerProcess.StartAsync(
                Port,
                "/usr/bin/env",
                [
                    // For some minutes its memory matters less than its processor time.
                    "GOGC=400",
                    Path.Combine(programs, "kube-apiserver"),
                    $"--etcd-servers={etcdUrl}",
                    $"--cert-dir={At("certificates")}",
                    $"--tls-cert-file={At("server.pem")}",
                    $"--tls-private-key-file={At("server.key")}",
                    "--bind-address=127.0.0.1",
                    $"--secure-port={Port}",
                    "--insecure-port=0",
                    "--service-cluster-ip-range=10.0.0.0/16",
                    "--service-account-issuer=https://kubernetes.default.svc",
                    $"--service-account-key-file={At("accounts.key")}",
                    $"--service-account-signing-key-file={At("accounts.key")}",
                    $"--token-auth-file={At("tokens.csv")}",
                    "--authorization-mode=RBAC",
                    "--allow-privileged=true",
                    "--disable-admission-plugins=ServiceAccount",
                    .. audits ? [$"--audit-policy-file={At("audit.json")}", $"--audit-log-path={At("audit.log")}"] : Array.Empty<string>(),
                ]
            )
        );
        Client = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig(Admin)));
        await Eventually.UntilAsync(IsReadyAsync, "kube-apiserver is ready", TimeSpan.FromMinutes(1));
        await CnpgDefinitions.CreateAsync(Client);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            await Client.CoreV1.ReadNamespaceAsync("default");
            return true;
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException)
        {
            return false;
        }
    }

    private async Task WriteFilesAsync()
    {
        using var key = RSA.Create(2048);
        await File.WriteAllTextAsync(At("accounts.key"), key.ExportRSAPrivateKeyPem());
        await File.WriteAllTextAsync(At("ca.pem"), certificate.CaPem);
        await File.WriteAllTextAsync(At("server.pem"), certificate.CertificatePem);
        await File.WriteAllTextAsync(At("server.key"), certificate.KeyPem);
        await File.WriteAllTextAsync(
            At("audit.json"),
            $$"""
            {
              "apiVersion": "audit.k8s.io/v1",
              "kind": "Policy",
              "omitStages": ["ResponseStarted", "ResponseComplete", "Panic"],
              "rules": [{"level": "Metadata", "users": ["{{Wombat}}", "{{Limited}}"]}, {"level": "None"}]
            }
            """
        );
        await File.WriteAllLinesAsync(
            At("tokens.csv"),
            [$"{Token(Admin)},{Admin},1,\"system:masters\"", $"{Token(Wombat)},{Wombat},2", $"{Token(Limited)},{Limited},3"]
        );
    }

    private static string Token(string user) => $"token-of-{user}";

    private string At(string name) => Path.Combine(folder.Path, name);

    // The script builds the programs when this machine has none.
    private static async Task<string> ProgramsAsync()
    {
        const string Script = "scripts/kubernetes-test-bed.sh";
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, Script)))
        {
            root = root.Parent ?? throw new FileNotFoundException($"No {Script} above {AppContext.BaseDirectory}.");
        }

        var built = await ChildProcess.RunAsync(
            new ChildCommand(Path.Combine(root.FullName, Script), [], BuildTimeout) { WorkingDirectory = root.FullName },
            CancellationToken.None
        );
        return built.ExitCode == 0 ? built.Output.Trim() : throw new InvalidOperationException($"{Script} has failed: {built.ErrorTail}");
    }
}
