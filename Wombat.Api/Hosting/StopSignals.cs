using System.Globalization;
using System.Runtime.InteropServices;

namespace Wombat.Api.Hosting;

/// <summary>
/// Handles SIGINT (Ctrl-C), SIGTERM and SIGHUP from the start of the process. An unhandled signal would end the process at once and leave
/// its child processes running, such as PostgreSQL.
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

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        registrations.ForEach(r => r.Dispose());
        source.Dispose();
    }

    // Under nohup SIGHUP is ignored, so that the process continues without its terminal.
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
