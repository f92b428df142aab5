using System.Runtime.InteropServices;

namespace Wombat.Infrastructure.Identity.Ldap;

/// <summary>
/// Sets the timeouts of libldap. .NET sets a timeout for searches only; connect and bind would wait for a hanging server without
/// limit. The options are global to the process and apply to every connection that is opened later.
/// </summary>
internal static class NativeTimeouts
{
    // From ldap.h.
    private const int OptionTimeout = 0x5002;
    private const int OptionNetworkTimeout = 0x5005;

    // The names that .NET tries, in the same order: the options must be set in the library that .NET uses.
    private static readonly string[] Names = ["libldap.so.2", "libldap-2.6.so.0", "libldap-2.5.so.0", "libldap-2.4.so.2"];

    /// <exception cref="DllNotFoundException">libldap is not installed.</exception>
    public static void Set(TimeSpan timeout)
    {
        var library = IntPtr.Zero;
        if (!Names.Any(name => NativeLibrary.TryLoad(name, out library)))
        {
            throw new DllNotFoundException("libldap is not installed");
        }

        var set = Marshal.GetDelegateForFunctionPointer<SetOption>(NativeLibrary.GetExport(library, "ldap_set_option"));
        var value = new TimeValue { Seconds = (nint)timeout.TotalSeconds };
        foreach (var option in new[] { OptionNetworkTimeout, OptionTimeout })
        {
            if (set(IntPtr.Zero, option, ref value) != 0)
            {
                throw new InvalidOperationException($"libldap does not accept the option {option:x}");
            }
        }
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SetOption(IntPtr connection, int option, ref TimeValue value);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeValue
    {
        public nint Seconds;
        public nint Microseconds;
    }
}
