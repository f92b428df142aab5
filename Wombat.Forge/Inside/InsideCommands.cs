using System.CommandLine;

namespace Wombat.Forge.Inside;

/// <summary>The commands of forge that run something inside a container, and stream its output instead of printing JSON.</summary>
internal static class InsideCommands
{
    private const int MaxTimeoutSeconds = 24 * 3600;
    private const int DefaultTimeoutSeconds = 60;
    private const int MaxUser = 65535;

    private static readonly Option<bool> Frames = new("--frames")
    {
        Description = "Output and end as frames on standard output; the end of standard input ends the session",
    };
    private static readonly Option<int?> Timeout = CommandLine.Number(
        "--timeout",
        $"Seconds after which the command is ended; {DefaultTimeoutSeconds} by default",
        MaxTimeoutSeconds
    );
    private static readonly Option<int?> User = CommandLine.Number(
        "--user",
        "User id and group id inside the container; root by default",
        MaxUser,
        min: 0
    );
    private static readonly Option<int?> Rows = CommandLine.Number("--rows", "Rows of the terminal", TerminalSize.Max);
    private static readonly Option<int?> Columns = CommandLine.Number("--columns", "Columns of the terminal", TerminalSize.Max);
    private static readonly Argument<string[]> Program = new("command")
    {
        Description = "The command and its arguments, after --",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Exec()
    {
        var command = new Command("exec", "Run a command inside a running container, with its output and exit code")
        {
            CommandLine.Id,
            CommandLine.Key,
            Timeout,
            User,
            Frames,
            Program,
        };
        command.SetAction((parsed, cancel) => parsed.GetValue(Frames) ? ExecAsync(parsed, cancel) : ExecPlainlyAsync(parsed, cancel));
        return command;
    }

    public static Command Console()
    {
        var command = new Command("console", "Open a shell inside a running container")
        {
            CommandLine.Id,
            CommandLine.Key,
            Rows,
            Columns,
            Frames,
        };
        command.SetAction(
            (parsed, cancel) => parsed.GetValue(Frames) ? ServeConsoleAsync(parsed, cancel) : ShowConsoleAsync(parsed, cancel)
        );
        return command;
    }

    private static async Task<int> ExecAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var hasFrames = parsed.GetValue(Frames);
        if (hasFrames)
        {
            CallerWatch.Start(stop);
        }

        var session = new ExecSession(
            Backends.Create(),
            parsed.GetRequiredValue(CommandLine.Id),
            parsed.GetValue(CommandLine.Key),
            SessionOutput.Create(hasFrames)
        );
        return await session.RunAsync(
            parsed.GetRequiredValue(Program),
            parsed.GetValue(User) ?? 0,
            TimeSpan.FromSeconds(parsed.GetValue(Timeout) ?? DefaultTimeoutSeconds),
            stop.Token
        );
    }

    // The exit code belongs to the command, so a failure of forge itself has a code that commands seldom have.
    private static async Task<int> ExecPlainlyAsync(ParseResult parsed, CancellationToken cancel)
    {
        try
        {
            return await ExecAsync(parsed, cancel);
        }
        catch (ForgeException e)
        {
            await System.Console.Error.WriteLineAsync(e.Message);
            return ExecSession.OwnFailure;
        }
        catch (OperationCanceledException)
        {
            await System.Console.Error.WriteLineAsync("stopped");
            return ExecSession.OwnFailure;
        }
    }

    private static async Task<int> ServeConsoleAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        CallerWatch.Start(stop);
        var size = new TerminalSize(
            parsed.GetValue(Rows) ?? TerminalSize.Usual.Rows,
            parsed.GetValue(Columns) ?? TerminalSize.Usual.Columns
        );
        return await Session(parsed, SessionOutput.Create(frames: true)).RunAsync(size, ConsoleInput.ReadFramesAsync, stop.Token);
    }

    private static async Task<int> ShowConsoleAsync(ParseResult parsed, CancellationToken cancel)
    {
        var own = OwnTerminal.Size;
        var size = new TerminalSize(parsed.GetValue(Rows) ?? own.Rows, parsed.GetValue(Columns) ?? own.Columns);
        using var terminal = OwnTerminal.Open();
        return await Session(parsed, SessionOutput.Create(frames: false)).RunAsync(size, ConsoleInput.ReadKeysAsync, cancel);
    }

    private static ConsoleSession Session(ParseResult parsed, SessionOutput output) =>
        new(Backends.Create(), parsed.GetRequiredValue(CommandLine.Id), parsed.GetValue(CommandLine.Key), output);
}
