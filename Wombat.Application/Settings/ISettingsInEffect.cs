namespace Wombat.Application.Settings;

/// <summary>The settings that this process read at its start.</summary>
public interface ISettingsInEffect
{
    /// <summary>By name. The value of a secret is not part of them.</summary>
    IReadOnlyList<SettingDto> All { get; }
}
