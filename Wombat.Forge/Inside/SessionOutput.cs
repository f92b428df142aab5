using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Inside;

/// <summary>Where the output and the end of a session go: forge's own streams, or frames on standard output.</summary>
internal abstract class SessionOutput : OutputConsumer
{
    public static SessionOutput Create(bool frames) => frames ? new Framed() : new Plain();

    /// <summary>Reports the exit code of the command.</summary>
    /// <returns>The exit code of forge.</returns>
    public abstract Task<int> ExitAsync(int code);

    /// <summary>Reports that the command did not exit by itself.</summary>
    /// <param name="code">timeout or stopped.</param>
    /// <returns>The exit code of forge.</returns>
    public abstract Task<int> FailAsync(string code, int plainExitCode, string message);

    private sealed class Plain : SessionOutput
    {
        private readonly Stream stdout = Console.OpenStandardOutput();
        private readonly Stream stderr = Console.OpenStandardError();

        public override ValueTask AddAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancel) =>
            (stream == OutputStream.Stdout ? stdout : stderr).WriteAsync(bytes, cancel);

        public override Task<int> ExitAsync(int code) => Task.FromResult(code);

        public override async Task<int> FailAsync(string code, int plainExitCode, string message)
        {
            await Console.Error.WriteLineAsync(message);
            return plainExitCode;
        }
    }

    private sealed class Framed : SessionOutput
    {
        private readonly FrameWriter frames = new(Console.OpenStandardOutput());

        public override ValueTask AddAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancel) =>
            frames.WriteAsync(stream == OutputStream.Stdout ? FrameKind.Output : FrameKind.Error, bytes, cancel);

        public override Task<int> ExitAsync(int code) => SendAsync(new JsonObject { ["exit"] = new JsonObject { ["code"] = code } });

        public override Task<int> FailAsync(string code, int plainExitCode, string message) =>
            SendAsync(
                new JsonObject
                {
                    ["error"] = new JsonObject { ["code"] = code, ["message"] = message },
                }
            );

        private async Task<int> SendAsync(JsonObject control)
        {
            await frames.WriteAsync(FrameKind.Control, System.Text.Encoding.UTF8.GetBytes(control.ToJsonString()), CancellationToken.None);
            return (int)ExitCode.Ok;
        }
    }
}
