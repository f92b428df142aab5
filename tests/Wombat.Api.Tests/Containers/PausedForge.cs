using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>forge behind a script that stops before, during or after one of its commands.</summary>
internal sealed class PausedForge
{
    private const string Script = """
        here="$(dirname "$0")"; step="$(cat "$here/step")"
        case "$1 $2 " in "$(cat "$here/command") "*) ;; *) step=none ;; esac
        if [ "$step" = before ]; then touch "$here/reached"; sleep 2; fi
        if [ "$step" = during ]; then
          (sleep 0.05; touch "$here/reached") & "$here/forge" "$@"; code=$?; sleep 2; exit $code
        fi
        "$here/forge" "$@" >"$here/answer.$$"; code=$?
        if [ "$step" = after ]; then touch "$here/reached"; sleep 2; fi
        cat "$here/answer.$$"; rm -f "$here/answer.$$"; exit $code
        """;

    private readonly string folder;

    public PausedForge(string folder)
    {
        this.folder = folder;
        File.CreateSymbolicLink(Path.Combine(folder, "forge"), WombatProcess.Forge());
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOMBAT_PLUGINS_PROXMOX_CLI_PATH"] = ScriptedCli.Write(folder, "wrapped", Script),
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "true",
            ["WOMBAT_PLUGINS_PROXMOX_DIALECT"] = "forge",

            // The job of a killed process is free after its lease.
            ["WOMBAT_JOBS_LEASE_SECONDS"] = "5",
        };
        Continue();
    }

    public Dictionary<string, string> Environment { get; }

    /// <param name="command">The first words of the command, such as "snapshot create".</param>
    /// <param name="step">before, during or after.</param>
    public void PauseAt(string command, string step)
    {
        File.WriteAllText(Path.Combine(folder, "command"), command);
        File.WriteAllText(Path.Combine(folder, "step"), step);
    }

    public Task ReachedAsync() => Eventually.UntilAsync(() => File.Exists(Path.Combine(folder, "reached")), "forge has reached the step");

    /// <summary>From now on no command stops.</summary>
    public void Continue()
    {
        PauseAt("none", "none");
        File.Delete(Path.Combine(folder, "reached"));
    }
}
