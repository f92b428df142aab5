using System.Globalization;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Postgres;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Finds what somebody changed in the configuration of a server since Wombat wrote it.</summary>
internal static class ConfigurationDrift
{
    private const int ValueMax = 500;
    private static readonly string[] Secrets = ["conninfo", "passphrase", "password_command"];

    public static IReadOnlyList<ResourceDifference> Find(InstanceFolder folder, Instance instance) =>
        [.. Settings(folder), .. Rules(folder), .. Process(folder, instance)];

    /// <summary>The setting that a difference is about; null when it is about something else.</summary>
    public static string? SettingOf(ResourceDifference difference) =>
        difference.Field switch
        {
            "port" or "max_connections" => difference.Field,
            _ when difference.Field.StartsWith(TierAdoption.SettingPrefix, StringComparison.Ordinal) => difference.Field[
                TierAdoption.SettingPrefix.Length..
            ],
            _ => null,
        };

    private static IEnumerable<ResourceDifference> Settings(InstanceFolder folder)
    {
        if (Read(folder.Expected, ServerConfiguration.SettingsName) is not { } written)
        {
            return [];
        }

        if (Read(folder.Data, ServerConfiguration.SettingsName) is not { } text)
        {
            return [new ResourceDifference(ServerConfiguration.SettingsName, "present", null)];
        }

        var system = SettingsFile.Parse(Read(folder.Data, ServerConfiguration.SystemSettingsName) ?? "");
        if (text == written && system.Count == 0)
        {
            return [];
        }

        var (expected, actual) = (SettingsFile.Parse(written), SettingsFile.Parse(text));
        foreach (var (name, value) in system)
        {
            actual[name] = value;
        }

        return expected
            .Keys.Union(actual.Keys, StringComparer.Ordinal)
            .Where(n => expected.GetValueOrDefault(n) != actual.GetValueOrDefault(n))
            .Order(StringComparer.Ordinal)
            .Select(n => Setting(n, expected.GetValueOrDefault(n), actual.GetValueOrDefault(n)));
    }

    private static ResourceDifference Setting(string name, string? expected, string? actual) =>
        name switch
        {
            "port" => new ResourceDifference(name, expected, Cut(actual)),
            "max_connections" => new ResourceDifference(name, ForClients(expected), ForClients(actual)),
            _ when Secrets.Any(s => name.Contains(s, StringComparison.Ordinal)) => new ResourceDifference(
                TierAdoption.SettingPrefix + name,
                expected is null ? null : "(hidden)",
                actual is null ? null : "(hidden, changed)"
            ),
            _ => new ResourceDifference(TierAdoption.SettingPrefix + name, Cut(expected), Cut(actual)),
        };

    private static string? ForClients(string? connections) =>
        int.TryParse(connections, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (number - ServerConfiguration.ReservedConnections).ToString(CultureInfo.InvariantCulture)
            : Cut(connections);

    private static IEnumerable<ResourceDifference> Rules(InstanceFolder folder)
    {
        foreach (var name in new[] { ServerConfiguration.AccessName, ServerConfiguration.AccountsName })
        {
            var expected = Lines(Read(folder.Expected, name));
            var actual = Lines(Read(folder.Data, name));
            if (expected is not null && expected != actual)
            {
                yield return new ResourceDifference(name, Cut(expected), Cut(actual));
            }
        }
    }

    // What the running server was started with, whatever its files say now.
    private static IEnumerable<ResourceDifference> Process(InstanceFolder folder, Instance instance)
    {
        var server = new PostmasterPidFile(folder.Data);
        if (!server.IsOfRunningServer())
        {
            yield break;
        }

        var isStandby = File.Exists(folder.StandbySignal);
        if (server.Status == "ready" && isStandby != (instance.Frozen is not null))
        {
            yield return new ResourceDifference("read_only", isStandby ? "off" : "on", isStandby ? "on" : "off");
        }

        if (server.Port is { } port && port != instance.Port)
        {
            yield return new ResourceDifference(
                "server.port",
                instance.Port.ToString(CultureInfo.InvariantCulture),
                port.ToString(CultureInfo.InvariantCulture)
            );
        }
    }

    private static string? Lines(string? text) =>
        text is null ? null : string.Join('\n', text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#')));

    private static string? Cut(string? value) => value is { Length: > ValueMax } ? value[..ValueMax] + "…" : value;

    private static string? Read(string folder, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, name));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
