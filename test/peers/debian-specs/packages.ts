/** Packages of Debian 12 with introspection XML of about a hundred projects. */
export const PACKAGES: readonly string[] =
  `accountsservice akregator avahi-daemon ayatana-indicator-keyboard ayatana-indicator-sound baloo-kf5-dev bolt
  biometric-auth bluemon callaudiod colord compiz-plugins cvsservice ddccontrol dlt-viewer-dev dolphin-dev feedbackd
  flameshot fprintd fwupd geoclue-2.0 gnome-shell-common gnome-software-common gnote
  golang-github-linuxdeepin-go-dbus-factory-dev group-service gthd jami-daemon juk kalarm kbdd kde-config-tablet
  kde-spectacle kde-zeroconf kded5 kdesvn-kio-plugins kdialog kgpg khotkeys-dev kid3-core kile kinit-dev kmail kmetronome
  kmix kmplot knights knotes konqueror korganizer kscreenlocker-dev ktimetracker ktouch-data kwin-dev latte-dock
  libaccounts-glib-dev libflatpak-dev libkf5akonadiserver-dev libkf5globalaccel-dev libkf5identitymanagement-dev
  libkf5jobwidgets-dev libkf5kdelibs4support-dev libkf5kio-dev libkf5libkdepim-dev libkf5mediaplayer-dev
  libkf5notifications-dev libkf5runner5 libkf5sysguard-dev libkf5wallet-dev liblomiri-private0 libqofono-dev librest-dev
  libvirt-dbus lightdm lomiri-schemas lomiri-telephony-service lomiri-url-dispatcher malcontent minder modemmanager-dev
  network-manager-dev nmapsi4 packagekit peony-common pinot plasma-desktop-dev plasma-dialer plasma-remotecontrollers
  plasma-workspace-dev rauc-service rsibreak rtkit sublime-music sweeper sysprof system-config-printer-common
  tracker-extract tracker-miner-fs upower urfkill usermetricsservice xdg-desktop-portal-dev zathura`.split(/\s+/);

/** Specs that GIO accepts and the generator rejects, by file name, and why they stay rejected. */
export const REJECTED: Readonly<Record<string, string>> = {
  "kf5_org.kde.KGlobalAccel.xml": "the type of an argument is a name of C++; GIO does not check types",
  "kf5_org.kde.krunner1.xml":
    "the type of an argument is {sv}, which is valid only in an array; GIO does not check types",
  "com.lomiri.shell.AccountsService.xml": "an attribute contains <, which XML forbids",
};
