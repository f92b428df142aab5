using System.Globalization;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Commands and consoles in containers by <c>forge exec</c> and <c>forge console</c>, which speak in frames.</summary>
internal sealed class ForgeSessions(ContainerCli cli)
{
    // forge ends the command itself; after this time it is killed with it.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <inheritdoc cref="IExecutesCommands.ExecuteAsync"/>
    public async Task<CommandOutcome> ExecuteAsync(ResourceRef resource, CommandRequest command, IPluginLog log, CancellationToken cancel)
    {
        var lines = new LineOutput(
            (line, token) =>
                log.WriteAsync(
                    new LogEntry(
                        line.Stream == OutputStream.Stdout ? LogStream.Stdout : LogStream.Stderr,
                        line.Bytes,
                        line.IsPartial,
                        line.Replaces
                    ),
                    token
                )
        );
        var output = new ForgeSessionOutput(lines);
        using var input = new OpenInput();
        await RunAsync(
            [
                .. Arguments("exec", resource),
                "--timeout",
                ((int)command.Timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture),
                "--user",
                command.User.ToString(CultureInfo.InvariantCulture),
                "--",
                .. command.Arguments,
            ],
            command.Timeout + Grace,
            input,
            output,
            cancel
        );
        return output.End is { Error: "timeout" } ? new CommandOutcome(ExitCode: null) : new CommandOutcome(ExitCodeOf(output));
    }

    /// <inheritdoc cref="IOpensConsoles.OpenConsoleAsync"/>
    public async Task<int> OpenConsoleAsync(ResourceRef resource, ConsoleSize size, IConsoleClient client, CancellationToken cancel)
    {
        var output = new ForgeSessionOutput(new ConsoleOutput(client));
        using var input = new ConsoleInputStream(client);
        await RunAsync(
            [
                .. Arguments("console", resource),
                "--rows",
                size.Rows.ToString(CultureInfo.InvariantCulture),
                "--columns",
                size.Columns.ToString(CultureInfo.InvariantCulture),
            ],
            Timeout.InfiniteTimeSpan,
            input,
            output,
            cancel
        );
        return ExitCodeOf(output);
    }

    private static List<string> Arguments(string command, ResourceRef resource) =>
        [
            command,
            "--frames",
            "--id",
            resource.ExternalId ?? throw new ExternalSystemException(ExternalFailure.NotFound, "The container was never created."),
            "--key",
            resource.ExternalKey,
        ];

    private static int ExitCodeOf(ForgeSessionOutput output) =>
        output.End switch
        {
            { ExitCode: { } code } => code,
            { Message: { } message } => throw new ExternalSystemException(ExternalFailure.Conflict, message),
            _ => throw ContainerCli.NotUnderstood(),
        };

    private async Task RunAsync(
        IReadOnlyList<string> arguments,
        TimeSpan timeout,
        Stream input,
        ForgeSessionOutput output,
        CancellationToken cancel
    )
    {
        var command = new ChildCommand(cli.Settings.CliPath, arguments, timeout) { Environment = cli.Settings.Environment, Input = input };
        try
        {
            var exitCode = await ContainerCli.RunAsync(command, output, cancel);
            if (exitCode != 0)
            {
                throw cli.Failure(new ChildResult(exitCode, "", output.ErrorTail), new Dictionary<string, string?>(StringComparer.Ordinal));
            }
        }
        catch (InvalidDataException e)
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, ContainerCli.NotUnderstood().Message, inner: e);
        }
    }
}
