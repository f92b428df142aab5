#pragma warning disable RS0030 // A test must start and kill the real program.
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Wombat.TestSupport;

/// <summary>
/// A third-party server as a process, which listens on loopback and is killed when disposed. It ends also when the test host is killed.
/// </summary>
public sealed class PeerProcess : IAsyncDisposable
{
    // The program keeps the process id of the shell. Standard input brings the name of a signal, or ends with the test host.
    private const string Guard = """
        ulimit -c 0
        exec 3<&0 </dev/null
        ( read -r signal <&3; kill "-${signal:-QUIT}" $$ && [ -z "$signal" ] && sleep 2 && kill -KILL $$ ) >/dev/null 2>&1 &
        exec 3<&-
        exec "$@"
        """;

    private readonly Process process;
    private readonly StringBuilder output = new();

    private PeerProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>Starts it and waits until its port accepts connections.</summary>
    public static async Task<PeerProcess> StartAsync(int port, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])["-c", Guard, "guard", program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var peer = new PeerProcess(Process.Start(start)!);
        await Eventually.UntilAsync(async () => peer.process.HasExited || await AcceptsAsync(port), $"{program} listens on {port}");
        if (!peer.process.HasExited)
        {
            return peer;
        }

        var said = peer.Output;
        await peer.DisposeAsync();
        throw new InvalidOperationException($"{program} does not listen on {port}: {said}");
    }

    public bool HasExited => process.HasExited;

    /// <summary>Sends a signal, such as INT, and waits until the process has ended.</summary>
    public async Task StopAsync(string signal)
    {
        if (!process.HasExited)
        {
            await process.StandardInput.WriteLineAsync(signal);
            await process.StandardInput.FlushAsync();
            await process.WaitForExitAsync();
        }
    }

    public async Task KillAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    public int Id => process.Id;

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process.Dispose();
    }

    private static async Task<bool> AcceptsAsync(int port)
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Add(string? line)
    {
        lock (output)
        {
            output.AppendLine(line);
        }
    }
}
