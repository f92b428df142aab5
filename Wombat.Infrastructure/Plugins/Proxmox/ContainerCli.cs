using System.Globalization;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Calls the configured program and turns whatever happens into an answer or a typed failure.</summary>
internal sealed class ContainerCli(ProxmoxSettings settings)
{
    public ProxmoxSettings Settings => settings;

    public static Dictionary<string, string?> Values(ResourceRef resource, ProvisionRequest? request = null, string? keyFile = null) => new(StringComparer.Ordinal)
    {
        ["name"] = resource.ExternalName,
        ["key"] = resource.ExternalKey,
        ["id"] = resource.ExternalId,
        ["template"] = request?.Template,
        ["cpu"] = request?.Cpu?.ToString(CultureInfo.InvariantCulture),
        ["memory"] = request?.MemoryMiB?.ToString(CultureInfo.InvariantCulture),
        ["disk"] = request?.DiskGiB?.ToString(CultureInfo.InvariantCulture),
        ["ssh_key_file"] = keyFile,
    };

    /// <exception cref="PluginException">Whatever went wrong, typed.</exception>
    public async Task<string> CallAsync(IReadOnlyList<string> template, IReadOnlyDictionary<string, string?> values, TimeSpan timeout, IPluginLog? log, CancellationToken cancel)
    {
        var command = new ChildCommand(settings.CliPath, ArgumentTemplate.Fill(template, values), timeout, OnErrorLine: log is null ? null : log.WriteAsync)
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = settings.DataDirectory },
        };
        try
        {
            var result = await ChildProcess.RunAsync(command, cancel);
            return result.ExitCode == 0 ? result.Output : throw Failure(result);
        }
        catch (TimeoutException e)
        {
            throw new PluginException(PluginFailure.Unavailable, e.Message, inner: e);
        }
        catch (OutputTooLargeException e)
        {
            throw new PluginException(PluginFailure.Unknown, e.Message, inner: e);
        }
        catch (ProgramMissingException e)
        {
            throw new PluginException(PluginFailure.Unavailable, e.Message, inner: e);
        }
    }

    public async Task<CliAnswer> AskAsync(IReadOnlyList<string> template, IReadOnlyDictionary<string, string?> values, TimeSpan timeout, IPluginLog? log, CancellationToken cancel) =>
        CliAnswer.Read(await CallAsync(template, values, timeout, log, cancel)) ?? throw NotUnderstood();

    public static PluginException NotUnderstood() => new(PluginFailure.Unavailable, "The container CLI's answer was cut off or is not understood.");

    private static PluginException Failure(ChildResult result)
    {
        var said = result.ErrorTail.Length > 0 ? result.ErrorTail : result.Output.Trim();
        var message = said.Length == 0 ? $"The container CLI ended with exit code {result.ExitCode} and said nothing." : said;
        var failure = result.ExitCode switch
        {
            2 => PluginFailure.InvalidRequest,
            3 => PluginFailure.NotFound,
            4 => PluginFailure.Conflict,
            5 => PluginFailure.Capacity,
            6 => PluginFailure.Unauthenticated,
            7 => PluginFailure.Unavailable,
            _ => ByText(said),
        };
        return new PluginException(failure, message);
    }

    // For CLIs that end with 1 whatever happened.
    private static PluginFailure ByText(string text)
    {
        bool Says(params string[] words) => words.Any(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));
        return Says("already exists", "already in use") ? PluginFailure.Conflict
            : Says("does not exist", "not found", "no such") ? PluginFailure.NotFound
            : Says("timed out", "timeout", "unavailable", "connection refused", "is locked", "no quorum", "try again") ? PluginFailure.Unavailable
            : PluginFailure.Unknown;
    }
}
