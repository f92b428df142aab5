using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Processes;
using Wombat.Infrastructure.Tracing;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Runs the configured program and converts the result to an answer or a typed failure.</summary>
internal sealed class ContainerCli(ProxmoxOptions settings)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(6);

    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private const int MaxAnswerBytes = 1024 * 1024;

    public ProxmoxOptions Settings => settings;

    public static Dictionary<string, string?> Values(ResourceRef resource, ContainerSpec? spec = null, CallFiles? files = null) =>
        new(StringComparer.Ordinal)
        {
            ["name"] = resource.ExternalName,
            ["key"] = resource.ExternalKey,
            ["id"] = resource.ExternalId,
            ["template"] = spec?.Template,
            ["cpu"] = spec?.Cpu?.ToString(CultureInfo.InvariantCulture),
            ["memory"] = spec?.Memory?.ToString(CultureInfo.InvariantCulture),
            ["disk"] = spec?.Disk?.ToString(CultureInfo.InvariantCulture),
            ["ssh_key_file"] = files?.SshKeys,
            ["environment_file"] = files?.Environment,
            ["user_data_file"] = files?.UserData,
            ["from_id"] = spec?.Origin?.SourceExternalId,
            ["from_key"] = spec?.Origin?.SourceKey,
            ["from_snapshot"] = spec?.Origin?.Snapshot,
            ["network"] = spec?.Network,
            ["hostname"] = spec?.Hostname,
            ["node"] = spec?.Node,
        };

    /// <exception cref="ExternalSystemException">Whatever went wrong, typed.</exception>
    public async Task<string> CallAsync(
        IReadOnlyList<string> template,
        IReadOnlyDictionary<string, string?> values,
        TimeSpan timeout,
        IPluginLog? log,
        CancellationToken cancel
    )
    {
        using var span = WombatTracing.Source.StartActivity($"plugin {template[0]}", ActivityKind.Client);
        var lastOutput = TimeProvider.System.GetTimestamp();
        var output = new CapturedOutput(
            MaxAnswerBytes,
            log is null
                ? null
                : (line, token) =>
                {
                    Interlocked.Exchange(ref lastOutput, TimeProvider.System.GetTimestamp());
                    return log.WriteAsync(new LogEntry(LogStream.Stderr, line.Bytes, line.IsPartial, line.Replaces), token);
                },
            showsUnfinished: true
        );
        var command = new ChildCommand(settings.CliPath, ArgumentTemplate.Fill(template, values), timeout)
        {
            Environment = settings.Environment,
        };
        try
        {
            var running = RunAsync(command, output, cancel);
            if (log is not null)
            {
                await ReportSilenceAsync(running, command, () => Interlocked.Read(ref lastOutput), log);
            }

            var result = new ChildResult(await running, output.Output, output.ErrorTail);
            return result.ExitCode == 0 ? result.Output : throw Failure(result, values);
        }
        catch (OutputTooLargeException e)
        {
            throw new ExternalSystemException(ExternalFailure.Unknown, e.Message, inner: e);
        }
    }

    /// <summary>Runs the program.</summary>
    /// <exception cref="ExternalSystemException">Unavailable: it is missing, or did not exit in time.</exception>
    public static async Task<int> RunAsync(ChildCommand command, OutputConsumer output, CancellationToken cancel)
    {
        try
        {
            return await ChildProcess.RunAsync(command, output, cancel);
        }
        catch (Exception e) when (e is TimeoutException or ProgramMissingException)
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, e.Message, inner: e);
        }
    }

    // Readers of the job's log must see that the program is still running.
    private static async Task ReportSilenceAsync(Task running, ChildCommand command, Func<long> lastOutput, IPluginLog log)
    {
        var from = TimeProvider.System.GetTimestamp();
        var reported = from;
        while (await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None)) != running)
        {
            if (TimeProvider.System.GetElapsedTime(Math.Max(reported, lastOutput())) >= Silence)
            {
                reported = TimeProvider.System.GetTimestamp();
                try
                {
                    await log.WriteAsync(
                        $"{Path.GetFileName(command.Program)} {(command.Arguments.Count > 0 ? command.Arguments[0] : "")}: "
                            + $"{TimeProvider.System.GetElapsedTime(from).TotalSeconds:F0} s",
                        CancellationToken.None
                    );
                }
                catch (Exception)
                {
                    // A failing log ends the job; the program must be awaited in any case.
                    return;
                }
            }
        }
    }

    public async Task<CliAnswer> AskAsync(
        IReadOnlyList<string> template,
        IReadOnlyDictionary<string, string?> values,
        TimeSpan timeout,
        IPluginLog? log,
        CancellationToken cancel
    ) => CliAnswer.Read(await CallAsync(template, values, timeout, log, cancel)) ?? throw NotUnderstood();

    /// <summary>Reads the answer of a command of forge that has a form of its own.</summary>
    /// <exception cref="ExternalSystemException">Unavailable: it has another form.</exception>
    public static T Read<T>(string answer)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(answer, Form) ?? throw NotUnderstood();
        }
        catch (JsonException)
        {
            throw NotUnderstood();
        }
    }

    public static ExternalSystemException NotUnderstood() =>
        new(ExternalFailure.Unavailable, "The output of the container CLI is incomplete or invalid.");

    // The error text of a foreign CLI means "not found" only if it names this container.
    public ExternalSystemException Failure(ChildResult result, IReadOnlyDictionary<string, string?> values)
    {
        var text = result.ErrorTail.Length > 0 ? result.ErrorTail : result.Output.Trim();
        var message = text.Length == 0 ? $"The container CLI exited with code {result.ExitCode} and no message." : text;
        var failure = result.ExitCode switch
        {
            2 => ExternalFailure.Invalid,
            3 => ExternalFailure.NotFound,
            4 => ExternalFailure.Conflict,
            5 => ExternalFailure.Capacity,
            6 => ExternalFailure.Unauthorized,
            7 => ExternalFailure.Unavailable,
            _ => settings.IsForge
                ? ExternalFailure.Unknown
                : CliErrorText.Classify(text, values.GetValueOrDefault("id"), values.GetValueOrDefault("name")),
        };
        return new ExternalSystemException(failure, message);
    }
}
