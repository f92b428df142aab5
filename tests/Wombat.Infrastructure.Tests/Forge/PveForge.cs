using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>forge with the environment of a fake Proxmox VE, as a program of its own.</summary>
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
