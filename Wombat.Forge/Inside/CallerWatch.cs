using System.Runtime.InteropServices;

namespace Wombat.Forge.Inside;

/// <summary>Notices that the process at the other end of standard input has closed it or has died, without reading from it.</summary>
internal static partial class CallerWatch
{
    private const int Interrupted = 4;

    /// <summary>Cancels when the caller is gone.</summary>
    public static void Start(CancellationTokenSource stop) =>
        new Thread(() =>
        {
            WaitForHangUp();
            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The session has ended.
            }
        })
        {
            IsBackground = true,
            Name = "caller watch",
        }.Start();

    // Without requested events poll returns only for a closed pipe, whatever is unread in it.
    private static void WaitForHangUp()
    {
        var standardInput = new PollEntry();
        while (Poll(ref standardInput, 1, Timeout.Infinite) < 0 && Marshal.GetLastPInvokeError() == Interrupted) { }
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Poll(ref PollEntry entries, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int File;
        public short Events;
        public short Returned;
    }
}
