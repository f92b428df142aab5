namespace Wombat.Application.Settings;

/// <summary>Where the value of a setting comes from.</summary>
public enum SettingSource
{
    Default,

    /// <summary>The JSON file that WOMBAT_CONFIG names.</summary>
    File,
    Environment,
    CommandLine,
}
