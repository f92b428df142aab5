using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>Writes a script that runs forge against a simulated Proxmox VE.</summary>
internal static class PveForge
{
    public static string Write(string folder, FakePve pve, params (string Name, string Value)[] more)
    {
        var environment = pve.Environment();
        foreach (var (name, value) in more)
        {
            environment[name] = value;
        }

        var exports = string.Join('\n', environment.Select(e => $"export {e.Key}='{e.Value}'"));
        return ScriptedCli.Write(folder, "forge-pve", $"{exports}\nexec '{WombatProcess.Forge()}' \"$@\"");
    }
}
