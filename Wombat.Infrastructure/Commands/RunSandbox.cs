using System.Globalization;
using Microsoft.Extensions.Logging;
using Wombat.Domain.Commands;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>How the programs of runs are started: as which account, in which namespace, with which limits.</summary>
internal sealed class RunSandbox(WombatSettings settings, ILogger<RunSandbox> log)
{
    public const string Shell = "/bin/sh";
    private const string Unshare = "/usr/bin/unshare";
    private const string SetPriv = "/usr/bin/setpriv";
    private const string Nobody = "nobody";

    // An id that no account of a usual system has.
    private static readonly UnixUser Unnamed = new(65533, 65533);
    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(10);

    // Runs the rest of its arguments. Joins the control groups, whose number is the first argument. The standard input is a pipe that
    // Wombat holds open: when Wombat has ended, however it did, the second process kills the group.
    private const string Supervisor = """
        exec 3<&0
        trap : TERM
        n=$1; shift
        while [ "$n" -gt 0 ]; do echo 0 >"$1" || exit 125; shift; n=$((n-1)); done
        { trap '' TERM; read -r x; kill -KILL 0; } <&3 >/dev/null 2>&1 & w=$!
        exec 9>&2 2>/dev/null
        "$@" </dev/null 2>&9 9>&- 3<&-
        r=$?
        kill -KILL $w; wait $w
        exit $r
        """;

    // The first process of the namespace, which ignores SIGTERM. When it ends, the kernel kills all others.
    private const string First = """exec 9>&2 2>/dev/null; "$@" 2>&9 9>&-; exit $?""";

    private readonly Lazy<Task<string[]?>> namespaceArguments = new(() => ProbeAsync(log));
    private readonly Lazy<ControlGroups?> groups = new(() => ControlGroups.Find());

    /// <summary>The account that runs programs: null for Wombat's own, which is not root.</summary>
    public UnixUser? User { get; } = FindUser(settings);

    public string Account =>
        settings.Commands.User
        ?? (
            !UnixAccounts.IsRoot ? Environment.UserName
            : User == Unnamed ? Unnamed.Uid.ToString(CultureInfo.InvariantCulture)
            : Nobody
        );

    public async Task<Isolation> IsolationAsync() => await namespaceArguments.Value is null ? Isolation.Group : Isolation.Namespace;

    /// <summary>What cannot be guaranteed on this machine.</summary>
    public async Task<IReadOnlyList<string>> RestrictionsAsync()
    {
        var found = new List<string>();
        if (await IsolationAsync() == Isolation.Group)
        {
            found.Add("This machine allows no process namespaces: a run that ends may leave processes that have left its process group.");
        }

        if (groups.Value is not { CanLimitProcesses: true })
        {
            found.Add("This machine does not allow limits of memory and processes: a run has none.");
        }

        return found;
    }

    /// <summary>The arguments of <see cref="Shell"/> that run a program.</summary>
    /// <param name="name">Names the control group.</param>
    public async Task<IReadOnlyList<string>> WrapAsync(string name, IReadOnlyList<string> program)
    {
        var limits = groups.Value?.TryCreate(name, settings.Commands.MemoryMib * 1024L * 1024, settings.Commands.Processes) ?? [];
        string[] isolated = await namespaceArguments.Value is { } arguments
            ? [Unshare, .. arguments, .. SwitchTo(User), Shell, "-c", First, "sh", .. program]
            : [.. SwitchTo(User), .. program];
        return ["-c", Supervisor, "sh", limits.Count.ToString(CultureInfo.InvariantCulture), .. limits, .. isolated];
    }

    /// <summary>Removes the control group of a run whose processes have ended.</summary>
    public void Remove(string name) => groups.Value?.Remove(name);

    /// <summary>The arguments that run a program as an account without rights.</summary>
    public static IReadOnlyList<string> SwitchTo(UnixUser? user) =>
        user is null
            ? [SetPriv, "--no-new-privs", "--"]
            :
            [
                SetPriv,
                string.Create(CultureInfo.InvariantCulture, $"--reuid={user.Uid}"),
                string.Create(CultureInfo.InvariantCulture, $"--regid={user.Gid}"),
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
                "--no-new-privs",
                "--",
            ];

    private static UnixUser? FindUser(WombatSettings settings)
    {
        if (settings.Commands.User is { } name)
        {
            return UnixAccounts.Find(name) is not { } found ? throw new SettingsException("commands.user", $"there is no account {name}")
                : found.Uid == 0 ? throw new SettingsException("commands.user", "must not be root")
                : UnixAccounts.IsRoot ? found
                : throw new SettingsException("commands.user", "only root can run programs as another account");
        }

        // Without an account postgres the embedded PostgreSQL runs as nobody: a run of that account could read its files.
        return !UnixAccounts.IsRoot ? null
            : UnixAccounts.Find("postgres") is null ? Unnamed
            : UnixAccounts.Find(Nobody) ?? Unnamed;
    }

    // The first of these that works here. Without --mount-proc a program sees the processes of the machine in /proc.
    private static async Task<string[]?> ProbeAsync(ILogger log)
    {
        string[] own = UnixAccounts.IsRoot ? [] : ["--user", "--map-current-user"];
        string[] basic = [.. own, "--pid", "--fork", "--kill-child"];
        foreach (var candidate in new[] { [.. basic, "--mount-proc"], basic })
        {
            if (await WorksAsync(candidate))
            {
                return candidate;
            }
        }

        log.LogWarning("This machine allows no process namespaces; it cannot be proven that a run leaves no process.");
        return null;
    }

    private static async Task<bool> WorksAsync(string[] arguments)
    {
        try
        {
            var command = new ChildCommand(Unshare, [.. arguments, "/bin/true"], ProbeTime) { WorkingDirectory = "/" };
            return (await ChildProcess.RunAsync(command, CancellationToken.None)).ExitCode == 0;
        }
        catch (Exception e) when (e is ProgramMissingException or TimeoutException)
        {
            return false;
        }
    }
}
