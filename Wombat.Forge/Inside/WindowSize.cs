using System.Runtime.InteropServices;

namespace Wombat.Forge.Inside;

/// <summary>The kernel's struct winsize.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WindowSize
{
    public ushort Rows;
    public ushort Columns;
    public ushort Width;
    public ushort Height;
}
