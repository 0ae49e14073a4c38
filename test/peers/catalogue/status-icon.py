# An icon with a menu. Its first item changes its own text when it is selected.
import gi

gi.require_version("Gtk", "3.0")
gi.require_version("AyatanaAppIndicator3", "0.1")
from gi.repository import AyatanaAppIndicator3, Gtk

play = Gtk.CheckMenuItem(label="_Play", use_underline=True)
play.connect("activate", lambda item: item.set_label("_Pause" if item.get_active() else "_Play"))
volume = Gtk.MenuItem(label="Volume")
levels = Gtk.Menu()
levels.append(Gtk.RadioMenuItem(label="Low"))
volume.set_submenu(levels)
menu = Gtk.Menu()
for entry in (play, Gtk.SeparatorMenuItem(), volume, Gtk.ImageMenuItem(label="Off", sensitive=False)):
    menu.append(entry)
menu.show_all()

indicator = AyatanaAppIndicator3.Indicator.new(
    "music", "media-playback-start", AyatanaAppIndicator3.IndicatorCategory.APPLICATION_STATUS
)
indicator.set_title("Music")
indicator.set_status(AyatanaAppIndicator3.IndicatorStatus.ACTIVE)
indicator.set_menu(menu)
Gtk.main()
