using System.Globalization;
using System.Runtime.InteropServices;

namespace Wombat.Api.Hosting;

/// <summary>
/// Ctrl-C, SIGTERM and the end of the terminal, from the first moment on. Unheard, a signal ends the process on the spot, and what it has started by
/// then, a PostgreSQL above all, goes on without it.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> registrations;

    public StopSignals()
    {
        PosixSignal[] always = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT];
        registrations =
        [
            .. (HangUpIsIgnored() ? always : always.Append(PosixSignal.SIGHUP)).Select(s => PosixSignalRegistration.Create(s, OnSignal)),
        ];
    }

    /// <summary>Cancelled by the first of them.</summary>
    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        registrations.ForEach(r => r.Dispose());
        source.Dispose();
    }

    // Under nohup it goes on without its terminal, as it was told to.
    private static bool HangUpIsIgnored()
    {
        const string Ignored = "SigIgn:";
        const ulong HangUp = 1;
        var mask = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Ignored, StringComparison.Ordinal))[Ignored.Length..];
        return (ulong.Parse(mask.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & HangUp) != 0;
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        source.Cancel();
    }
}
